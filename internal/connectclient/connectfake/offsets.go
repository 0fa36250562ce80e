package connectfake

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
)

// offset is the committed offset of one partition, in JSON whose keys are sorted.
type offset struct {
	partition, value string
}

// SetOffset commits an offset of a connector, as a task would. Both are JSON objects.
func (w *Worker) SetOffset(name, partition, value string) {
	w.with(name, func(c *cluster, k *connector) { c.commit(name, c.position(k, partition), c.position(k, value)) })
}

// Offsets returns the committed offsets of a connector, each as its partition, a space and its offset, sorted. They stay when the
// connector is deleted.
func (w *Worker) Offsets(name string) []string {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	texts := []string{}
	for _, o := range w.cluster.offsets[name] {
		texts = append(texts, o.partition+" "+o.value)
	}
	slices.Sort(texts)
	return texts
}

// offsetsOf handles the paths /connectors/{name}/offsets.
func (c *cluster) offsetsOf(method, name string, body []byte) (answer, error) {
	switch {
	case !c.since(3, 5):
		return answer{}, errNoEndpoint
	case method != http.MethodGet && !c.since(3, 6):
		return answer{}, errMethod
	}
	k, err := c.named(name, notFound)
	switch {
	case err != nil:
		return answer{}, err
	case method == http.MethodGet:
		list := []map[string]json.RawMessage{}
		for _, o := range c.offsets[name] {
			list = append(list, map[string]json.RawMessage{"partition": json.RawMessage(o.partition), "offset": json.RawMessage(o.value)})
		}
		return answer{http.StatusOK, map[string]any{"offsets": list}}, nil
	case k.target != "STOPPED" || len(k.tasks) > 0:
		return answer{}, failure{http.StatusBadRequest, fmt.Sprintf("Connectors must be in the STOPPED state before their offsets can be modified. "+
			"This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint", name)}
	case method == http.MethodDelete:
		delete(c.offsets, name)
		return answer{http.StatusOK, map[string]string{"message": "The offsets for this connector have been reset successfully"}}, nil
	}
	return c.alterOffsets(k, body)
}

func (c *cluster) alterOffsets(k *connector, body []byte) (answer, error) {
	var request struct {
		Offsets []struct {
			Partition map[string]any `json:"partition"`
			Offset    map[string]any `json:"offset"`
		} `json:"offsets"`
	}
	if err := decode(body, &request); err != nil {
		return answer{}, err
	}
	if len(request.Offsets) == 0 {
		return answer{}, failure{http.StatusBadRequest, "Partitions / offsets need to be provided for an alter offsets request"}
	}
	for _, entry := range request.Offsets {
		if err := c.checkOffset(k, entry.Partition, entry.Offset); err != nil {
			return answer{}, err
		}
	}
	for _, entry := range request.Offsets {
		partition, _ := json.Marshal(entry.Partition) // it was decoded from JSON
		value, _ := json.Marshal(entry.Offset)
		if entry.Offset == nil {
			value = nil
		}
		c.commit(k.name, c.position(k, string(partition)), c.position(k, string(value)))
	}
	return answer{http.StatusOK, map[string]string{"message": "The offsets for this connector have been altered successfully"}}, nil
}

// checkOffset rejects what a worker rejects for sinks, and a file source for itself.
func (c *cluster) checkOffset(k *connector, partition, value map[string]any) error {
	has := func(object map[string]any, key string) bool { _, ok := object[key]; return ok }
	if c.kind(k) == "sink" {
		switch {
		case !has(partition, "kafka_topic") || !has(partition, "kafka_partition"):
			return failure{http.StatusBadRequest, "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'"}
		case value != nil && !has(value, "kafka_offset"):
			return failure{http.StatusBadRequest, "The offset for a sink connector should either be null or contain the key 'kafka_offset'"}
		}
		return nil
	}
	switch {
	case !has(partition, "filename"):
		return failure{http.StatusInternalServerError, "Partition objects should contain the key 'filename'"}
	case value != nil && !has(value, "position"):
		return failure{http.StatusInternalServerError, "Offset objects should either be null or contain the key 'position'"}
	}
	return nil
}

// position returns a partition or an offset as the worker stores it: with sorted keys, and with numbers for a sink.
func (c *cluster) position(k *connector, text string) string {
	var object map[string]any
	if text == "" || decode([]byte(text), &object) != nil {
		return text
	}
	for _, key := range []string{"kafka_partition", "kafka_offset"} {
		if number, ok := object[key].(string); ok && c.kind(k) == "sink" {
			object[key] = json.Number(number)
		}
	}
	stored, _ := json.Marshal(object) // it was decoded from JSON
	return string(stored)
}

// commit stores an offset, or deletes it if the value is empty.
func (c *cluster) commit(name, partition, value string) {
	kept := slices.DeleteFunc(c.offsets[name], func(o offset) bool { return o.partition == partition })
	if value != "" {
		kept = append(kept, offset{partition, value})
	}
	c.offsets[name] = kept
}

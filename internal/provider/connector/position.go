package connector

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// This file holds what is done with the position of a connector: the offsets of a connector that is STOPPED.

// typeSink is the [connectclient.Connector.Type] of a sink.
const typeSink = "sink"

const (
	offsetsPause = 100 * time.Millisecond // between two reads of offsets that must be equal
	offsetsReads = 100                    // of offsets that still change
)

// place is a connector in a cluster.
type place struct {
	*session.Session
	client *connectclient.Client
	name   string
}

// String names the connector in a message.
func (p place) String() string { return quoted(p.Qualified(p.name)) }

// stop stops the connector and waits until its tasks have ended. It returns the state that the connector had, also with an error, if
// the connector may have been stopped.
func (p place) stop(ctx context.Context) (before connectclient.State, err error) {
	status, err := p.client.AwaitAssigned(ctx, p.name)
	if err != nil {
		return "", err
	}
	before = connectclient.State(targetState(status))
	if before != connectclient.StateStopped {
		if err := p.client.StopConnector(ctx, p.name); err != nil {
			return before, err
		}
	}
	return before, awaitStopped(ctx, p.client, p.name)
}

// awaitStopped waits until the tasks of a connector have ended that was stopped. A connector that is FAILED stays FAILED then.
func awaitStopped(ctx context.Context, client *connectclient.Client, name string) error {
	_, err := client.Await(ctx, name, connectclient.StateStopped)
	if errors.As(err, new(*connectclient.FailedError)) {
		return nil
	}
	return err
}

// set requests a state.
func (p place) set(ctx context.Context, state connectclient.State) error {
	return requestState(ctx, p.client, desired{name: p.name, state: state})
}

// finalOffsets returns the offsets of the connector after its tasks have ended. A worker lists the partitions of a source from memory
// before it reads what the tasks have written last. So the offsets are read until two answers are equal.
func (p place) finalOffsets(ctx context.Context) ([]connectclient.Offset, error) {
	have, err := p.client.Offsets(ctx, p.name)
	for range offsetsReads {
		if err != nil {
			return nil, err
		}
		before := have
		select {
		case <-time.After(offsetsPause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if have, err = p.client.Offsets(ctx, p.name); err == nil && sameOffsets(canonical, before, have) {
			return have, nil
		}
	}
	return nil, cmp.Or(err, fmt.Errorf("the offsets of %s still change although its tasks have ended: something else commits offsets of its consumer group", p))
}

// replaceOffsets gives a STOPPED connector of this type exactly these offsets, and reads them back. Have are those that it has.
func (p place) replaceOffsets(ctx context.Context, connectorType string, have, want []connectclient.Offset) error {
	compared := comparedFor(connectorType)
	held, wanted := byPartition(compared, have), byPartition(compared, want)
	var changes []connectclient.Offset
	for _, offset := range want {
		if now, ok := held[compared(offset.Partition)]; !ok || now != compared(offset.Offset) {
			changes = append(changes, offset)
		}
	}
	for _, offset := range have {
		if _, ok := wanted[compared(offset.Partition)]; !ok {
			changes = append(changes, connectclient.Offset{Partition: offset.Partition}) // deletes it
		}
	}
	if len(changes) == 0 {
		return nil
	}
	if _, err := p.client.AlterOffsets(ctx, p.name, changes); err != nil {
		return err
	}
	return p.client.AwaitOffsets(ctx, p.name, func(have []connectclient.Offset) error { return inEffect(connectorType, changes, have) })
}

// offsetsTopicKey is the key of a topic in which a source stores its offsets, instead of that of the workers (KIP-618).
const offsetsTopicKey = "offsets.storage.topic"

// sharesOffsets reports whether a connector and one with this configuration at another place have the same offsets: sinks that read as
// one consumer group, or sources of one name that share a topic for offsets. If it is not known whether the clusters use one Kafka cluster, they count as if they did.
func sharesOffsets(ctx context.Context, from, to place, old connectclient.Connector, config map[string]string) bool {
	if from.OtherKafka(ctx, to.Session) {
		return false
	}
	if old.Type == typeSink {
		return consumerGroup(old) == consumerGroup(connectclient.Connector{Name: to.name, Type: typeSink, Config: config})
	}
	topic := old.Config[offsetsTopicKey]
	return from.name == to.name && topic != "" && topic == config[offsetsTopicKey]
}

// byPartition returns the offsets by their partitions, as texts that are equal for equal values.
func byPartition(compared func(json.RawMessage) string, offsets []connectclient.Offset) map[string]string {
	texts := make(map[string]string, len(offsets))
	for _, offset := range offsets {
		texts[compared(offset.Partition)] = compared(offset.Offset)
	}
	return texts
}

// sameOffsets reports whether the offsets are equal, in any order.
func sameOffsets(compared func(json.RawMessage) string, a, b []connectclient.Offset) bool {
	return maps.Equal(byPartition(compared, a), byPartition(compared, b))
}

// Keys of the offsets of sinks.
const (
	sinkTopic     = "kafka_topic"
	sinkPartition = "kafka_partition"
	sinkOffset    = "kafka_offset"
)

// inEffect returns an error if the worker does not have the wanted offsets of a connector of this type.
func inEffect(connectorType string, want, have []connectclient.Offset) error {
	compared := comparedFor(connectorType)
	found := map[string]json.RawMessage{}
	for _, offset := range have {
		found[compared(offset.Partition)] = offset.Offset
	}
	for _, offset := range want {
		now, ok := found[compared(offset.Partition)]
		switch {
		case offset.Offset == nil && ok:
			return fmt.Errorf("the worker still reports the offset %s of %s", now, offset.Partition)
		case offset.Offset != nil && !ok:
			return fmt.Errorf("the worker reports no offset of %s", offset.Partition)
		case offset.Offset != nil && compared(now) != compared(offset.Offset):
			return fmt.Errorf("the worker reports the offset %s of %s, not %s", now, offset.Partition, offset.Offset)
		}
	}
	return nil
}

// comparedFor returns the function that returns a text that is equal for equal partitions, or offsets, of a connector of this type.
func comparedFor(connectorType string) func(json.RawMessage) string {
	if connectorType == typeSink {
		return canonicalOfSink
	}
	return canonical
}

// canonical returns a JSON text that is equal for equal values: keys are sorted, and 1.0 is 1.
func canonical(text json.RawMessage) string {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var value any
	if decoder.Decode(&value) != nil {
		return string(text)
	}
	sorted, _ := json.Marshal(plainNumbers(value)) // it was decoded from JSON
	return string(sorted)
}

// plainNumbers returns the value with whole numbers in their shortest form. Integers that a float64 cannot hold stay as they are.
func plainNumbers(value any) any {
	const exact = 1 << 53
	switch v := value.(type) {
	case json.Number:
		if float, err := v.Float64(); err == nil && float == float64(int64(float)) && float < exact && float > -exact {
			return json.Number(strconv.FormatInt(int64(float), 10))
		}
	case map[string]any:
		for key := range v {
			v[key] = plainNumbers(v[key])
		}
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	}
	return value
}

// canonicalOfSink is canonical for a sink: workers ignore other keys, and accept numbers as texts.
func canonicalOfSink(text json.RawMessage) string {
	var object map[string]any
	decoder := json.NewDecoder(strings.NewReader(canonical(text)))
	decoder.UseNumber()
	if decoder.Decode(&object) != nil {
		return string(text)
	}
	var parts []string
	for _, key := range []string{sinkTopic, sinkPartition, sinkOffset} {
		if value, ok := object[key]; ok {
			parts = append(parts, key+"="+fmt.Sprint(value))
		}
	}
	return strings.Join(parts, " ")
}

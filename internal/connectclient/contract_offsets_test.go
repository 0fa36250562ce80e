package connectclient_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient/connectfake"
)

// position returns an offset of a connector.
func position(partition, offset string) connectclient.Offset {
	o := connectclient.Offset{Partition: json.RawMessage(partition)}
	if offset != "" {
		o.Offset = json.RawMessage(offset)
	}
	return o
}

// hasOffsets checks the committed offsets, each as its partition, a space and its offset.
func (c cluster) hasOffsets(t *testing.T, name string, want ...string) {
	t.Helper()
	err := c.client.AwaitOffsets(t.Context(), name, func(have []connectclient.Offset) error {
		texts := make([]string, len(have))
		for i, o := range have {
			texts[i] = string(o.Partition) + " " + string(o.Offset)
		}
		if slices.Sort(texts); !slices.Equal(texts, want) {
			return fmt.Errorf("%s has offsets %q, want %q", name, texts, want)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// stopped creates a connector that is STOPPED and has no offsets.
func (c cluster) stopped(t *testing.T, suffix string, config map[string]string) string {
	t.Helper()
	name := c.unique(t, suffix)
	if _, _, err := c.client.CreateConnector(t.Context(), name, config, connectclient.StateStopped); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StateStopped)
	c.hasOffsets(t, name)
	return name
}

func contractOffsets(t *testing.T, c cluster) {
	absent := c.unique(t, "absent")
	_, alterErr := c.client.AlterOffsets(t.Context(), absent, []connectclient.Offset{position(`{"filename":"f"}`, `{"position":1}`)})
	_, resetErr := c.client.ResetOffsets(t.Context(), absent)
	_, readErr := c.client.Offsets(t.Context(), absent)
	changes, reads := connectclient.ErrNotFound, connectclient.ErrNotFound
	if !c.version.AtLeast(3, 6) {
		changes = connectclient.ErrUnsupported
	}
	if !c.version.AtLeast(3, 5) {
		reads = connectclient.ErrUnsupported
	}
	if !errors.Is(alterErr, changes) || !errors.Is(resetErr, changes) || !errors.Is(readErr, reads) {
		t.Errorf("absent: got %v, %v, %v", alterErr, resetErr, readErr)
	}
	if c.version.AtLeast(3, 6) {
		contractSourceOffsets(t, c)
		contractSinkOffsets(t, c)
	}
}

func contractSourceOffsets(t *testing.T, c cluster) {
	name := c.stopped(t, "source", fileSource())
	alter := func(want string, to ...connectclient.Offset) {
		t.Helper()
		altered, err := c.client.AlterOffsets(t.Context(), name, to)
		if want == "" && (err != nil || altered.Unchecked) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %+v, %v, want %q", to, altered, err, want)
		}
	}
	alter("", position(`{"filename":"f"}`, `{"position":9007199254740993}`), position(`{"filename":"g"}`, `{"position":2}`))
	c.hasOffsets(t, name, `{"filename":"f"} {"position":9007199254740993}`, `{"filename":"g"} {"position":2}`)
	alter("", position(`{"filename":"f"}`, ""), position(`{"filename":"h"}`, `{"position":3}`))
	c.hasOffsets(t, name, `{"filename":"g"} {"position":2}`, `{"filename":"h"} {"position":3}`)
	alter("Partition objects should contain the key 'filename'", position(`{"filename":"i"}`, `{"position":3}`), position(`{"file":"f"}`, `{"position":1}`))
	alter("Offset objects should either be null or contain the key 'position'", position(`{"filename":"g"}`, `{"pos":1}`))
	alter("need to be provided for an alter offsets request")
	c.hasOffsets(t, name, `{"filename":"g"} {"position":2}`, `{"filename":"h"} {"position":3}`)
	if err := c.client.PauseConnector(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StatePaused)
	alter("must be in the STOPPED state", position(`{"filename":"g"}`, `{"position":1}`))
	if _, err := c.client.ResetOffsets(t.Context(), name); !errors.Is(err, connectclient.ErrInvalid) {
		t.Errorf("reset: got %v", err)
	}
	if err := c.client.StopConnector(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StateStopped)
	for range 2 {
		if altered, err := c.client.ResetOffsets(t.Context(), name); err != nil || altered.Unchecked {
			t.Errorf("reset: got %+v, %v", altered, err)
		}
		c.hasOffsets(t, name)
	}
}

func contractSinkOffsets(t *testing.T, c cluster) {
	config := maps.Clone(fileSource())
	maps.Copy(config, map[string]string{"connector.class": connectfake.FileSink, "topics": "contract-offsets"})
	delete(config, "topic")
	name := c.unique(t, "sink")
	if _, _, err := c.client.CreateConnector(t.Context(), name, config, connectclient.StateRunning); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StateRunning) // its consumer creates the topic
	if err := c.client.StopConnector(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	c.await(t, name, connectclient.StateStopped)
	one := position(`{"kafka_topic":"contract-offsets","kafka_partition":"0"}`, `{"kafka_offset":"7"}`)
	if _, err := c.client.AlterOffsets(t.Context(), name, []connectclient.Offset{one}); err != nil {
		t.Fatal(err)
	}
	c.hasOffsets(t, name, `{"kafka_partition":0,"kafka_topic":"contract-offsets"} {"kafka_offset":7}`)
	for body, want := range map[string]string{
		`{"offsets":[{"partition":{"kafka_topic":"contract-offsets"},"offset":{"kafka_offset":1}}]}`:                 "must contain the keys 'kafka_topic' and 'kafka_partition'",
		`{"offsets":[{"partition":{"kafka_topic":"contract-offsets","kafka_partition":0},"offset":{"position":1}}]}`: "should either be null or contain the key 'kafka_offset'",
	} {
		status, answer := c.raw(t, "PATCH", "/connectors/"+name+"/offsets", "application/json", body)
		if message, _ := answer["message"].(string); status != http.StatusBadRequest || !strings.Contains(message, want) {
			t.Errorf("%s: got %d, %v", body, status, answer)
		}
	}
	if _, err := c.client.ResetOffsets(t.Context(), name); err != nil {
		t.Error(err)
	}
	c.hasOffsets(t, name)
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// offsetTopic is the topic of the example whose partitions change.
const offsetTopic = "demo-connect-offset"

// topicAndOffset describes the partitions of the offset topic and the offset of the source, as the broker and the worker
// report them. It waits until the source has stored the offset of the last line.
func (d *show) topicAndOffset(ctx context.Context) (string, error) {
	partitions, err := d.partitions(ctx)
	if err != nil {
		return "", err
	}
	source, err := os.Stat(d.source())
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, linesLimit)
	defer cancel()
	for {
		offset, err := d.offset(ctx)
		switch {
		case err == nil && offset == source.Size():
			return fmt.Sprintf("partitions of %s: %d, offset of demo-source: byte %d", offsetTopic, partitions, offset), nil
		case err == nil:
			err = fmt.Errorf("demo-source is at byte %d of %d", offset, source.Size())
		}
		select {
		case <-ctx.Done():
			return "", errors.Join(err, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// partitions asks the broker how many partitions the offset topic has.
func (d *show) partitions(ctx context.Context) (int, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(d.cluster.Bootstrap()))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	topics, err := kadm.NewClient(client).ListTopics(ctx, offsetTopic)
	if err != nil {
		return 0, err
	}
	return len(topics[offsetTopic].Partitions), topics.Error()
}

// offset asks the worker how many bytes of its file demo-source has read.
func (d *show) offset(ctx context.Context) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.connectURL+"/connectors/demo-source/offsets", http.NoBody)
	if err != nil {
		return 0, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var answer struct {
		Offsets []struct {
			Offset struct{ Position int64 }
		}
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Offsets) != 1 {
		return 0, fmt.Errorf("the worker reports %d offsets of demo-source: %w", len(answer.Offsets), err)
	}
	return answer.Offsets[0].Offset.Position, nil
}

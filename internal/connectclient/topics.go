package connectclient

import (
	"context"
	"slices"
)

// activeTopics is the answer of GET /connectors/{name}/topics, by name.
type activeTopics map[string]struct {
	Topics []string `json:"topics"`
}

// ActiveTopics returns the sorted topics that the named connector has written to or read from since it was created, or since
// its active topics were reset (KIP-558). For an unknown connector, workers answer with no topics. If the workers do not
// record topics, the error is [ErrNoTopicTracking].
func (c *Client) ActiveTopics(ctx context.Context, name string) ([]string, error) {
	// GET /connectors/{name}/topics
	var answer activeTopics
	if err := c.get(ctx, name, "/topics", &answer); err != nil {
		return nil, err
	}
	topics := answer[name].Topics
	slices.Sort(topics)
	return topics, nil
}

package internaltopic

import (
	"context"
	"errors"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// Delete deletes the named topic, and the copy that an unfinished rebuild of it may have left. It is no error
// when there is neither. Workers that run are a *GroupLiveError: they would create the topic again at once,
// with what they remember of it missing.
func (c *Client) Delete(ctx context.Context, name string, o Options) error {
	if err := c.refuseLive(ctx, o.GroupID); err != nil {
		return err
	}
	for _, n := range []string{name, name + RebuildSuffix} {
		t, _, err := c.describe(ctx, n)
		if errors.Is(err, ErrNotFound) || n != name && errors.Is(err, kafkaclient.ErrUnauthorized) {
			continue
		}
		if err != nil {
			return err
		}
		if err := c.deleteByID(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

const (
	// pollInterval is short, as what is waited for takes a broker some ten milliseconds.
	pollInterval = 50 * time.Millisecond
	// settleTime is how long a change of metadata may take to reach every broker.
	settleTime = 30 * time.Second
	// forever leaves the limit to the context.
	forever = 1 << 62 * time.Nanosecond
)

var errNotYet = errors.New("did not happen")

// poll calls done until it says true. After a while without, it returns the last error or that it did not
// happen; an error alone does not end it, as brokers on their way somewhere answer with errors.
func poll(ctx context.Context, limit time.Duration, done func(context.Context) (bool, error)) error {
	deadline := time.NewTimer(limit)
	defer deadline.Stop()
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	for {
		ok, err := done(ctx)
		if ok && err == nil {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-deadline.C:
			if err == nil {
				err = errNotYet
			}
			return fmt.Errorf("within %s: %w", limit, err)
		}
	}
}

// untilAnswered calls ask again as long as the broker answers that it may later have an answer, as a coordinator
// does that is being chosen or loaded: on a new cluster the first one takes some seconds.
func untilAnswered(ctx context.Context, ask func(context.Context) error) error {
	var final error
	err := poll(ctx, settleTime, func(ctx context.Context) (bool, error) {
		err := ask(ctx)
		if kerr.IsRetriable(err) {
			return false, err
		}
		final = err
		return true, nil
	})
	return cmp.Or(final, err)
}

// pause waits, or returns why the context ended.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

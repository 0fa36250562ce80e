package internaltopic

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/keyedmutex"
)

// Client manages the internal topics of one Kafka cluster. It is safe for concurrent use; rebuilds of one Connect
// group run one after the other.
type Client struct {
	*kafkaclient.Client

	// groupMutex serializes the group locks of this process, by group id.
	groupMutex keyedmutex.Map
	// holds are the groups that this process keeps locked.
	holds holds
	// leaveWait is how long the client waits for one more worker to leave a group.
	leaveWait time.Duration
	// startFloor is the least time for which a group stays locked after a topic was locked, see startAllowance.
	startFloor time.Duration
	// lockSession is how long the broker keeps a group lock after its process died.
	lockSession time.Duration
	// stallTime limits how long the broker may neither send nor accept a record.
	stallTime time.Duration
	// beforeStep is called before each step of a rebuild, so that a test can end the process there.
	beforeStep func(step string)
}

// New returns a client, or a *kafkaclient.ConfigError that names the invalid field. It connects on first use.
func New(config kafkaclient.Config) (*Client, error) {
	client, err := kafkaclient.New(config)
	if err != nil {
		return nil, err
	}
	return &Client{
		Client: client, lockSession: defaultLockSession, leaveWait: defaultLeaveWait, startFloor: defaultStartFloor,
		stallTime: defaultStallTime, beforeStep: func(string) {},
	}, nil
}

const (
	// pollInterval is short because brokers apply most changes within some ten milliseconds.
	pollInterval = 50 * time.Millisecond
	// metadataTimeout limits the wait until a change of metadata has reached every broker.
	metadataTimeout = 30 * time.Second
)

var errTimeout = errors.New("timed out")

// poll calls done until it returns true without an error, the limit is over, or ctx ends. A limit of zero leaves the
// limit to ctx. Of the errors, only an answer that is final ends it, because brokers also answer with errors while a change
// propagates; the last error is part of the result.
func poll(ctx context.Context, limit time.Duration, done func(context.Context) (bool, error)) error {
	return pollWhile(ctx, limit, func(err error) bool { return !refused(err) }, done)
}

// pollWhile is poll, but ends after an error that will not pass.
func pollWhile(ctx context.Context, limit time.Duration, passes func(error) bool, done func(context.Context) (bool, error)) error {
	var deadline <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		deadline = timer.C
	}
	tick := time.NewTicker(pollInterval)
	defer tick.Stop()
	var last error
	for {
		ok, err := done(ctx)
		if ok && err == nil || err != nil && !passes(err) {
			return err
		}
		if ctx.Err() == nil { // else the error says only that ctx has ended
			last = err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), last)
		case <-deadline:
			return fmt.Errorf("after %s: %w", limit, cmp.Or(last, errTimeout))
		}
	}
}

// retryCoordinator repeats a request to a group coordinator after a retriable error or a lost connection: on a new
// cluster, the first coordinator takes some seconds to be elected and to load.
func retryCoordinator(ctx context.Context, request func(context.Context) error) error {
	return retryWhile(ctx, func(err error) bool { return kerr.IsRetriable(err) || lostConnection(err) }, request)
}

// retryWhile repeats a request while it fails with an error that will pass.
func retryWhile(ctx context.Context, passes func(error) bool, request func(context.Context) error) error {
	return pollWhile(ctx, metadataTimeout, passes, func(ctx context.Context) (bool, error) { return true, request(ctx) })
}

// lostConnection reports whether the connection to a broker ended before the answer. [kafkaclient.Client.Connect] has
// succeeded before, so another attempt can succeed.
func lostConnection(err error) bool {
	if _, network := errors.AsType[*net.OpError](err); network {
		return true
	}
	return errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, kafkaclient.ErrUnreachable)
}

// sleep waits for d, or returns the cause of the context's end.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

package connectclient

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// askTimeout bounds the request that asks one worker about its cluster.
	askTimeout = 5 * time.Second

	// Workers of one group know of a change at slightly different times. A difference between their lists of connectors
	// counts only if it lasts for listTries readings.
	listTries = 8
	listPause = 500 * time.Millisecond
)

// Member is what the worker at one of [Config.URLs] tells about its cluster.
type Member struct {
	URL            string
	KafkaClusterID string // empty if the worker does not tell
	Err            error  // the worker did not answer
}

// members is what the workers of a [Client] have told about their clusters. That does not change while a client exists.
type members struct {
	asking chan struct{} // holds one element while workers are asked
	list   []*member
	apart  error // ErrDifferentClusters once it is known; guarded by asking
}

// member is one worker.
type member struct {
	id      atomic.Pointer[string] // its kafka_cluster_id, empty if it does not tell; nil until it has answered
	checked atomic.Bool            // it belongs to the same cluster as the others that have answered
}

func newMembers(workers int) members {
	m := members{asking: make(chan struct{}, 1)}
	for range workers {
		m.list = append(m.list, &member{})
	}
	return m
}

// Members asks each worker once about its cluster, and waits at most five seconds. A worker that has answered before is
// not asked again.
func (c *Client) Members(ctx context.Context) ([]Member, error) {
	done, err := c.members.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	failures := c.askAll(ctx)
	list := make([]Member, len(c.workers))
	for i := range list {
		list[i].URL = c.workers[i].String()
		if id := c.members.list[i].id.Load(); id != nil {
			list[i].KafkaClusterID = *id
		} else {
			list[i].Err = failures[i] // not nil
		}
	}
	return list, ctx.Err()
}

// KafkaClusterID returns the id of the Kafka cluster, which is empty if no worker tells. It sends at most one request in
// the lifetime of a Client whose workers answer.
func (c *Client) KafkaClusterID(ctx context.Context) (string, error) {
	done, err := c.members.begin(ctx)
	if err != nil {
		return "", err
	}
	defer done()
	for i := range c.members.list {
		if id := c.members.list[i].id.Load(); id != nil && *id != "" {
			return *id, nil
		}
	}
	active := int(c.active.Load())
	if failure := c.ask(ctx, active); failure != nil {
		return "", failure
	}
	return *c.members.list[active].id.Load(), nil
}

// CheckMembers returns [ErrDifferentClusters] if the workers that answer belong to different clusters. Every write below
// /connectors does the same before it is sent. With a single URL there is nothing to check, and nothing is sent.
func (c *Client) CheckMembers(ctx context.Context) error {
	if len(c.workers) == 1 {
		return nil
	}
	_, err := c.checkMembers(ctx)
	return err
}

// begin waits until no other caller asks the workers. The caller calls done at the end.
func (m *members) begin(ctx context.Context) (done func(), err error) {
	select {
	case m.asking <- struct{}{}:
		return func() { <-m.asking }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// checkMember makes sure that a worker belongs to the same cluster as the others, before a request is sent to that worker.
// Once a run has written, its reads are checked too, because they decide about the next write. checkMember returns a
// failure to retry if this worker does not answer. It sends nothing if the worker was checked before.
func (r *request) checkMember(ctx context.Context) (*Error, error) {
	c := r.client
	if len(c.workers) == 1 || !c.written.Load() || !strings.HasPrefix(r.path, "/connectors") || c.members.list[r.worker].checked.Load() {
		return nil, nil //nolint:nilnil // neither failed
	}
	failures, err := c.checkMembers(ctx)
	if err != nil {
		return nil, err
	}
	return failures[r.worker], nil
}

// checkMembers compares the workers that answer and have not been compared yet with the others. It returns the failures of
// those that do not answer, by index.
func (c *Client) checkMembers(ctx context.Context) ([]*Error, error) {
	done, err := c.members.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if c.members.apart != nil {
		return nil, c.members.apart
	}
	failures := c.askAll(ctx)
	reference := slices.IndexFunc(c.members.list, func(m *member) bool { return m.checked.Load() })
	if reference < 0 { // the first one that answers
		reference = slices.IndexFunc(c.members.list, func(m *member) bool { return m.id.Load() != nil })
	}
	if reference >= 0 {
		c.members.list[reference].checked.Store(true)
	}
	for i := range c.members.list {
		m := c.members.list[i]
		if m.checked.Load() || m.id.Load() == nil {
			continue
		}
		failures[i], c.members.apart = c.compareMembers(ctx, reference, i)
		switch {
		case ctx.Err() != nil:
			c.members.apart = nil
			return nil, ctx.Err()
		case c.members.apart != nil:
			return nil, c.members.apart
		}
		m.checked.Store(failures[i] == nil)
	}
	return failures, ctx.Err()
}

// askAll asks all workers that have not answered yet, at the same time, and returns the failures by index.
func (c *Client) askAll(ctx context.Context) []*Error {
	failures := make([]*Error, len(c.workers))
	var group sync.WaitGroup
	for i := range c.members.list {
		if c.members.list[i].id.Load() == nil {
			group.Go(func() { failures[i] = c.ask(ctx, i) })
		}
	}
	group.Wait()
	return failures
}

// ask reads the kafka_cluster_id of one worker, and returns a failure if the worker does not answer. A worker or a proxy
// that refuses the request has answered: the id is then empty.
func (c *Client) ask(ctx context.Context, worker int) *Error {
	// GET /
	var cluster Cluster
	failure := c.once(ctx, worker, "/", &cluster)
	if failure != nil && failure.retry != noRetry {
		return failure
	}
	c.members.list[worker].id.Store(&cluster.KafkaClusterID)
	return nil
}

// once sends a GET to one worker, once.
func (c *Client) once(ctx context.Context, worker int, path string, out any) *Error {
	_, failure := c.reader(ctx, worker, path, out).once(ctx)
	return failure
}

// once sends a read once, and waits at most five seconds.
func (r *request) once(ctx context.Context) (answer, *Error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	answer, failure, err := r.attempt(ctx)
	if err != nil {
		failure = &Error{Method: r.method, Host: r.client.workers[r.worker].Host, Path: r.path, Message: err.Error()}
	}
	if failure != nil && failure.retry == outcomeUnknown {
		failure.retry = retrySafe // it was a read
	}
	return answer, failure
}

// compareMembers compares two workers: their Kafka clusters and, because one Kafka cluster can have several groups of
// workers, their connectors. Workers do not tell their group. If the second worker cannot list its connectors now, there is
// a failure; if one of them never will, or the first worker cannot, the ids alone decide.
func (c *Client) compareMembers(ctx context.Context, first, second int) (*Error, error) {
	ids := [2]string{*c.members.list[first].id.Load(), *c.members.list[second].id.Load()}
	urls := [2]string{c.workers[first].String(), c.workers[second].String()}
	if ids[0] != ids[1] && ids[0] != "" && ids[1] != "" {
		return nil, fmt.Errorf("the URLs lead to %w: %s answers kafka_cluster_id %q, %s answers %q; the request was not sent",
			ErrDifferentClusters, urls[0], ids[0], urls[1], ids[1])
	}
	var lasting map[string]int // connectors that only one of the workers has: which one
	for try := range listTries {
		if try > 0 && sleep(ctx, listPause) != nil {
			return nil, nil //nolint:nilnil,nilerr // the caller sees the end of the context
		}
		var names [2][]string
		for i, worker := range []int{first, second} {
			// GET /connectors
			failure := c.once(ctx, worker, "/connectors", &names[i])
			if failure != nil && i == 1 && failure.retry != noRetry {
				return failure, nil
			}
			if failure != nil {
				return nil, nil //nolint:nilnil,nilerr // nothing to compare
			}
		}
		now := difference(names[0], names[1])
		if try == 0 {
			lasting = now
		}
		maps.DeleteFunc(lasting, func(name string, owner int) bool { still, ok := now[name]; return !ok || still != owner })
		if len(lasting) == 0 {
			return nil, nil //nolint:nilnil // equal
		}
	}
	name := slices.Min(slices.Collect(maps.Keys(lasting)))
	owner := lasting[name]
	return nil, fmt.Errorf("the URLs lead to %w: %s has connector %q and %s does not; the request was not sent",
		ErrDifferentClusters, urls[owner], name, urls[1-owner])
}

// difference returns the names that only one of two lists has, with the index of the list.
func difference(first, second []string) map[string]int {
	only := map[string]int{}
	for _, name := range first {
		only[name] = 0
	}
	for _, name := range second {
		if _, both := only[name]; both {
			delete(only, name)
			continue
		}
		only[name] = 1
	}
	return only
}

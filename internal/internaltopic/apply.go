package internaltopic

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Options are parameters of [Client.Apply] and [Client.Delete].
type Options struct {
	// GroupID is the Connect group that uses the topic. If it is empty, every Connect group is treated as that group:
	// ErrGroupLive if it has members, locked if not.
	GroupID string
	// Connectors are the source connectors whose own offsets topic it is (KIP-618). If there are none, it is a storage topic
	// of a group, which every worker of the group uses. Only [Client.Delete] reads them.
	Connectors []string
	// OtherStorageTopics are the group's other storage topics; empty names are ignored. While a shrinking topic does not
	// exist, one of them is locked, so that a worker that starts then fails instead of creating the topic. Their size tells how
	// long a worker takes to start, and so how long the group stays locked.
	OtherStorageTopics []string
	// Progress receives each operation that begins, with names and counts only. It may be nil.
	Progress func(Progress)
	// TransactionWait limits the wait for open transactions; 2 minutes by default.
	TransactionWait time.Duration
	// SkipChecks are the checks to leave out.
	SkipChecks []Check
}

// Progress reports one operation of a step.
type Progress struct {
	Topic string
	Step  string // The operation that begins, such as "read the live records".
	Count int    // The number of records it processes, if any.
}

// Result is the outcome of a successful [Client.Apply].
type Result struct {
	// Warnings are whole sentences for the user.
	Warnings []string
}

// Apply executes the steps in order. An interrupted step is finished by planning and applying again. If a step fails,
// the completed ones are kept.
func (c *Client) Apply(ctx context.Context, steps []Step, o Options) (Result, error) {
	o.OtherStorageTopics = slices.DeleteFunc(slices.Clone(o.OtherStorageTopics), func(name string) bool { return name == "" })
	for _, name := range o.OtherStorageTopics {
		if !workerconfig.IsTopicName(name) {
			return Result{}, fmt.Errorf("%q, given as another storage topic of the group, is not a topic name", name)
		}
	}
	a := &applier{client: c, options: o}
	for _, s := range steps {
		if err := a.apply(ctx, s); err != nil {
			return a.result, err
		}
	}
	return a.result, nil
}

// applier executes the steps of one Apply.
type applier struct {
	client  *Client
	options Options
	result  Result
}

func (a *applier) apply(ctx context.Context, s Step) error {
	if err := a.client.Connect(ctx); err != nil {
		return err
	}
	a.report(s.Topic, s.String(), 0)
	b := &rebuild{applier: a, step: s}
	switch s.Action {
	case ActionCreate:
		config := map[string]string{KeyCleanupPolicy: PolicyCompact}
		maps.Copy(config, s.Set)
		return a.client.create(ctx, s.Topic, s.To, s.ReplicationFactor, config)
	case ActionConfig:
		if err := a.check(ctx, s, nil); err != nil {
			return err
		}
		return a.client.alterConfig(ctx, s.Topic, s.Set, s.Unset)
	case ActionReassign:
		return a.reassign(ctx, s)
	case ActionGrow:
		return b.withGroupLock(ctx, b.grow)
	case ActionShrink:
		return b.withGroupLock(ctx, b.shrink)
	case ActionSeed:
		return b.withGroupLock(ctx, b.seed)
	}
	return fmt.Errorf("unknown action %q", s.Action)
}

func (a *applier) report(topic, step string, records int) {
	if a.options.Progress != nil {
		a.options.Progress(Progress{Topic: topic, Step: step, Count: records})
	}
}

// warn adds a warning to the result, once.
func (a *applier) warn(format string, args ...any) {
	if w := fmt.Sprintf(format, args...); !slices.Contains(a.result.Warnings, w) {
		a.result.Warnings = append(a.result.Warnings, w)
	}
}

// Delete deletes the named topic and the copy that an unfinished rebuild may have left. It succeeds if neither exists.
// It waits for workers to leave the group, and fails with a *GroupLiveError if they do not: they would create the topic
// again without its content. Workers use the own offsets topic of connectors only if they run these connectors. It fails with ErrWrongGroup if the workers of another group use the topic. A group that the
// brokers do not know is no reason to fail: long-stopped workers are usual when a topic is deleted.
func (c *Client) Delete(ctx context.Context, name string, o Options) error {
	others, err := c.otherGroups(ctx, o)
	if err == nil {
		err = c.checkUnused(ctx, name, o.GroupID, others)
	}
	if err != nil {
		return err
	}
	a := &applier{client: c, options: o}
	if _, err := c.awaitNoWorkers(ctx, o.GroupID, o.Connectors, c.newPatience(func(step string) { a.report(name, step, 0) })); err != nil {
		return err
	}
	t, _, err := c.describe(ctx, name)
	if err == nil {
		err = c.deleteByID(ctx, t)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return c.deleteCopy(ctx, name)
}

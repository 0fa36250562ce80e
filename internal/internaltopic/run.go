package internaltopic

import (
	"context"
	"fmt"
	"maps"
)

// run carries out the steps of one Apply.
type run struct {
	client  *Client
	options Options
	result  Result
}

func (r *run) do(ctx context.Context, s Step) error {
	if err := r.client.Connect(ctx); err != nil {
		return err
	}
	r.report(s.Topic, s.String(), 0)
	switch s.Action {
	case ActionCreate:
		config := map[string]string{KeyCleanupPolicy: PolicyCompact}
		maps.Copy(config, s.Set)
		return r.client.create(ctx, s.Topic, s.To, s.ReplicationFactor, config)
	case ActionConfig:
		return r.client.alterConfig(ctx, s.Topic, s.Set, s.Unset)
	case ActionReassign:
		return r.reassign(ctx, s)
	case ActionGrow:
		b := &rebuild{run: r, step: s}
		return b.hold(ctx, b.grow)
	case ActionShrink:
		b := &rebuild{run: r, step: s}
		return b.hold(ctx, b.shrink)
	case ActionSeed:
		b := &rebuild{run: r, step: s}
		return b.hold(ctx, b.seed)
	}
	return fmt.Errorf("unknown action %q", s.Action)
}

func (r *run) report(topic, step string, records int) {
	if r.options.Progress != nil {
		r.options.Progress(Progress{Topic: topic, Step: step, Count: records})
	}
}

func (r *run) warn(format string, args ...any) {
	r.result.Warnings = append(r.result.Warnings, fmt.Sprintf(format, args...))
}

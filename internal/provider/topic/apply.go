package topic

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// create creates the topic. If Delete kept a tainted topic of this name, it is repaired in place. After a failure, exists
// reports whether there is a topic that belongs to this resource.
func (r *Resource) create(ctx context.Context, client *internaltopic.Client, m model) (result internaltopic.Result, exists bool, err error) {
	spec, options := m.spec(m), r.options(ctx, m, r.StorageTopics.OfSameGroup(m.Name.ValueString()))
	if r.Topics.Kept(spec.Name) {
		result, err = converge(ctx, client, spec, options)
		if !errors.Is(err, internaltopic.ErrNotFound) {
			return result, true, err
		}
	}
	have, err := client.Inspect(ctx, spec.Name)
	if err != nil {
		return result, false, err
	}
	steps, err := internaltopic.PlanCreate(have, spec)
	if err != nil {
		return result, false, err
	}
	result, err = client.Apply(ctx, steps, options)
	switch {
	case err == nil:
		return result, true, nil
	case errors.Is(err, internaltopic.ErrExists):
		return result, false, err
	}
	left, inspectErr := inspectAfterFailure(ctx, client, spec.Name)
	return result, inspectErr == nil && left.Exists(), err
}

// converge changes an existing topic until it matches the spec. If a creation with seed_from was interrupted, it is
// completed first.
func converge(ctx context.Context, client *internaltopic.Client, spec internaltopic.Spec, options internaltopic.Options) (result internaltopic.Result, err error) {
	for _, plan := range []func(internaltopic.State, internaltopic.Spec) ([]internaltopic.Step, error){finishSeeding, internaltopic.Plan} {
		have, err := client.Inspect(ctx, spec.Name)
		if err != nil {
			return result, err
		}
		steps, err := plan(have, spec)
		if err != nil {
			return result, err
		}
		done, err := client.Apply(ctx, steps, options)
		result.Warnings = append(result.Warnings, done.Warnings...)
		if err != nil {
			return result, err
		}
	}
	return result, nil
}

// finishSeeding plans the remaining steps of an interrupted creation with seed_from.
func finishSeeding(have internaltopic.State, spec internaltopic.Spec) ([]internaltopic.Step, error) {
	if !halfSeeded(have, spec) {
		return nil, nil
	}
	return internaltopic.PlanCreate(have, spec)
}

// halfSeeded reports whether a creation with seed_from was interrupted.
func halfSeeded(have internaltopic.State, spec internaltopic.Spec) bool {
	return spec.SeedFrom != "" && have.Rebuild == nil && have.Topic != nil && have.Topic.Locked()
}

// options returns the options of an operation on the topic. Siblings are the other topics of its group.
func (r *Resource) options(ctx context.Context, m model, siblings []string) internaltopic.Options {
	tflog.Debug(ctx, "Internal topic: operation", map[string]any{"topic": m.Name.ValueString(), "other_topics_of_group": siblings})
	return internaltopic.Options{
		GroupID:            m.GroupID.ValueString(),
		Connectors:         tfvalue.StringSet(m.Connectors),
		OtherStorageTopics: siblings,
		SkipChecks:         m.skipChecks(),
		Progress: func(p internaltopic.Progress) {
			tflog.Info(ctx, "Internal topic: "+p.Step, map[string]any{"topic": p.Topic, "records": p.Count})
		},
	}
}

// fillComputed sets the id and, if it is not declared, the replication factor that the broker chose.
func (m *model) fillComputed(ctx context.Context, client *internaltopic.Client) error {
	m.ID = m.id()
	if !m.ReplicationFactor.IsUnknown() {
		return nil
	}
	m.ReplicationFactor = types.Int64Null()
	topic, err := client.Topic(ctx, m.Name.ValueString())
	if err != nil {
		return err
	}
	m.ReplicationFactor = types.Int64Value(int64(topic.ReplicationFactor()))
	return nil
}

// observeAfterFailure updates the model with the topic on the brokers after an operation failed, and reports whether it
// could. Settings in the config of before that are still set stay in the model, so that the next apply resets them.
func (m *model) observeAfterFailure(ctx context.Context, client *internaltopic.Client, before model) bool {
	m.ID = m.id()
	if m.ReplicationFactor.IsUnknown() {
		m.ReplicationFactor = before.ReplicationFactor
	}
	state, err := inspectAfterFailure(ctx, client, m.Name.ValueString())
	if err != nil || !state.Exists() {
		return false
	}
	m.observe(state, before)
	return true
}

// inspectAfterFailure reads the topic, also when the context of the operation has ended.
func inspectAfterFailure(ctx context.Context, client *internaltopic.Client, name string) (internaltopic.State, error) {
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	return client.Inspect(ctx, name)
}

package topic

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// create brings the topic into being. One that the delete half of a replacement kept is converged. ours tells that
// there is a topic afterwards which belongs to this resource, whatever failed.
func (r *Resource) create(ctx context.Context, client *internaltopic.Client, m model) (result internaltopic.Result, ours bool, err error) {
	spec, options := m.spec(m), r.options(ctx, m, nil)
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
	default:
		left, lookErr := inspectAfterFailure(ctx, client, spec.Name)
		return result, lookErr == nil && left.Exists(), err
	}
}

// convergeTopic leads an existing topic to the spec. One that a creation with seed_from left half full is finished first.
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

// finishSeeding plans the rest of a creation with seed_from that was cut short.
func finishSeeding(have internaltopic.State, spec internaltopic.Spec) ([]internaltopic.Step, error) {
	if !halfSeeded(have, spec) {
		return nil, nil
	}
	return internaltopic.PlanCreate(have, spec)
}

// halfSeeded tells whether a creation with seed_from was cut short.
func halfSeeded(have internaltopic.State, spec internaltopic.Spec) bool {
	return spec.SeedFrom != "" && have.Rebuild == nil && have.Topic != nil && have.Topic.Locked()
}

// options say whose topic it is and who is told of progress. Siblings are those that the plan knew, in JSON.
func (r *Resource) options(ctx context.Context, m model, siblings []byte) internaltopic.Options {
	options := internaltopic.Options{
		GroupID:            m.GroupID.ValueString(),
		OtherStorageTopics: r.StorageTopics.OfSameGroup(m.Name.ValueString()),
		Progress: func(p internaltopic.Progress) {
			tflog.Info(ctx, "Internal topic: "+p.Step, map[string]any{"topic": p.Topic, "records": p.Count})
		},
	}
	var planned []string
	if json.Unmarshal(siblings, &planned) == nil {
		options.OtherStorageTopics = append(options.OtherStorageTopics, planned...)
		slices.Sort(options.OtherStorageTopics)
		options.OtherStorageTopics = slices.Compact(options.OtherStorageTopics)
	}
	return options
}

// settle makes known what an operation that succeeded leaves to be looked up.
func (m *model) settle(ctx context.Context, client *internaltopic.Client) error {
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

// observeAfterFailure puts into the model what the brokers hold after an operation failed, and tells whether it could.
// Settings of before that are still set stay in the model, or they would never be put back.
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

// lookAtTopic looks at a topic when the operation's time may be over.
func inspectAfterFailure(ctx context.Context, client *internaltopic.Client, name string) (internaltopic.State, error) {
	ctx, cancel := session.AfterDeadline(ctx)
	defer cancel()
	return client.Inspect(ctx, name)
}

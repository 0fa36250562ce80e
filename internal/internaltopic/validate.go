package internaltopic

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Validate asks the brokers whether they accept the settings of the steps, and changes nothing. It returns a *SpecError
// for each setting that they refuse, or another error if they refuse the settings together. Other failures, such as a
// missing permission, are left to [Client.Apply].
func (c *Client) Validate(ctx context.Context, steps []Step) (refusals []error) {
	if c.Connect(ctx) != nil {
		return nil
	}
	for _, step := range steps {
		if len(step.Set) > 0 {
			refusals = append(refusals, c.validateStep(ctx, step)...)
		}
	}
	return refusals
}

func (c *Client) validateStep(ctx context.Context, step Step) (refusals []error) {
	err := c.validateSettings(ctx, step, step.Set)
	if err == nil {
		return nil
	}
	// The error names no setting in a form that can be relied on, so each one is tried alone.
	if !errors.Is(err, kerr.PolicyViolation) { // a policy can require settings that would then be missing
		for _, key := range slices.Sorted(maps.Keys(step.Set)) {
			if err := c.validateSettings(ctx, step, map[string]string{key: step.Set[key]}); err != nil {
				refusals = append(refusals, &SpecError{Field: "config", Key: key, Reason: refusalReason(key, err)})
			}
		}
	}
	if len(refusals) == 0 {
		refusals = []error{c.fail("validate the settings of", topicObject(step.Topic), err)}
	}
	return refusals
}

// validateSettings returns the error with which the brokers refuse the settings, or nil.
func (c *Client) validateSettings(ctx context.Context, step Step, set map[string]string) error {
	err := error(kerr.TopicAlreadyExists)
	if step.Action == ActionCreate || step.Action == ActionSeed {
		err = c.validateCreate(ctx, step.Topic, step.To, step.ReplicationFactor, set)
	}
	if errors.Is(err, kerr.TopicAlreadyExists) { // it is changed, or deleted before it is created
		err = c.validateAlter(ctx, step.Topic, set)
	}
	for _, refusal := range []error{kerr.InvalidConfig, kerr.InvalidRequest, kerr.PolicyViolation} {
		if errors.Is(err, refusal) {
			return err
		}
	}
	return nil
}

// validateCreate asks the broker whether it would create the topic. A replication factor of zero stands for the broker's
// default.
func (c *Client) validateCreate(ctx context.Context, name string, partitions, factor int, config map[string]string) error {
	if factor == 0 {
		factor = -1
	}
	settings := map[string]*string{}
	for k, v := range config {
		settings[k] = &v
	}
	//nolint:gosec // both come from an existing topic or were validated
	answers, err := c.Kadm.ValidateCreateTopics(ctx, int32(partitions), int16(factor), settings, name)
	if err != nil {
		return err
	}
	answer, err := answers.On(name, nil)
	if err != nil {
		return err
	}
	return newRefusal(answer.Err, answer.ErrMessage)
}

// validateAlter asks the broker whether it would accept the settings.
func (c *Client) validateAlter(ctx context.Context, topic string, set map[string]string) error {
	answers, err := c.Kadm.ValidateAlterTopicConfigs(ctx, configChanges(set, nil), topic)
	if err != nil {
		return err
	}
	answer, err := answers.On(topic, nil)
	if err != nil {
		return err
	}
	return newRefusal(answer.Err, answer.ErrMessage)
}

// refusal is an error with the broker's explanation instead of the general text of its code.
type refusal struct {
	code    error
	message string
}

func newRefusal(code error, message string) error {
	if code == nil || message == "" {
		return code
	}
	return &refusal{code, strings.TrimRight(message, ". ")}
}

func (r *refusal) Error() string { return r.message }
func (r *refusal) Unwrap() error { return r.code }

// refusalReason continues a sentence that begins with the setting.
func refusalReason(key string, err error) string {
	reason := "is refused by the brokers: " + err.Error()
	if meant := workerconfig.SuggestTopicSetting(key); meant != "" {
		reason += "; did you mean " + meant + "?"
	}
	return reason
}

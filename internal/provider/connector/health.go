package connector

import (
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
)

// Descriptions of attributes that two data sources have.
const (
	isHealthyDescription = "Whether the connector is `RUNNING`, `PAUSED` or `STOPPED`, and each of its tasks is `RUNNING` or `PAUSED`."
	failureDescription   = "What is `FAILED`, on which worker, and the root cause. Tasks with the same root cause share a line. Null if nothing is `FAILED`. Secrets are hidden."
)

// connectorModel is the data source kafkaconnect_connector.
type connectorModel struct {
	commonModel

	Name              types.String `tfsdk:"name"`
	IncludeLag        types.Bool   `tfsdk:"include_lag"`
	IncludeTopics     types.Bool   `tfsdk:"include_topics"`
	Type              types.String `tfsdk:"type"`
	Config            types.Map    `tfsdk:"config"`
	IgnoredConfigKeys types.Set    `tfsdk:"ignored_config_keys"`
	State             types.String `tfsdk:"state"`
	Healthy           types.Bool   `tfsdk:"healthy"`
	Error             types.String `tfsdk:"error"`
	WorkerID          types.String `tfsdk:"worker_id"`
	Version           types.String `tfsdk:"version"`
	Tasks             []taskModel  `tfsdk:"tasks"`
	Topics            types.List   `tfsdk:"topics"`
	ConsumerGroup     types.String `tfsdk:"consumer_group"`
	Lag               types.Int64  `tfsdk:"lag"`
	LagByPartition    types.List   `tfsdk:"lag_by_partition"`
	DeadLetterRecords types.Int64  `tfsdk:"dead_letter_records"`
}

// taskModel is an element of `tasks`.
type taskModel struct {
	ID       int64        `tfsdk:"id"`
	State    types.String `tfsdk:"state"`
	WorkerID types.String `tfsdk:"worker_id"`
	Version  types.String `tfsdk:"version"`
	Error    types.String `tfsdk:"error"`
}

var partitionLagType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"topic": types.StringType, "partition": types.Int64Type, "lag": types.Int64Type,
}}

// setConnector converts the answers of a worker. Topics and lag are null until they are read.
func (m *connectorModel) setConnector(got connectclient.Connector, status connectclient.Status, passwords map[string]bool) {
	shown := importedModel(types.StringNull(), got, status, passwords)
	m.Type = shown.Type
	m.Config, m.IgnoredConfigKeys = shown.Config, shown.IgnoredConfigKeys
	m.State = types.StringValue(string(cmp.Or(status.Connector.State, connectclient.StateUnassigned)))
	m.Healthy = types.BoolValue(healthy(status))
	m.Error = failureText(status)
	m.WorkerID, m.Version = orNull(status.Connector.WorkerID), orNull(status.Connector.Version)
	m.Tasks = tasksFrom(status)
	m.Topics = types.ListNull(types.StringType)
	m.ConsumerGroup = orNull(consumerGroup(got))
	m.Lag, m.LagByPartition = types.Int64Null(), types.ListNull(partitionLagType)
}

// orNull returns the text, or null if it is empty.
func orNull(text string) types.String {
	if text == "" {
		return types.StringNull()
	}
	return types.StringValue(text)
}

// tasksFrom returns the tasks in the order of their ids, those without a status included.
func tasksFrom(status connectclient.Status) []taskModel {
	tasks := make([]taskModel, 0, len(status.Tasks)+len(status.Unseen))
	for _, task := range status.Tasks {
		failure := ""
		if task.State == connectclient.StateFailed {
			failure = connectclient.RootCause(task.Trace)
		}
		tasks = append(tasks, taskModel{int64(task.ID), orNull(string(task.State)), orNull(task.WorkerID), orNull(task.Version), orNull(failure)})
	}
	for _, id := range status.Unseen {
		tasks = append(tasks, taskModel{ID: int64(id)})
	}
	slices.SortFunc(tasks, func(a, b taskModel) int { return cmp.Compare(a.ID, b.ID) })
	return tasks
}

// failureText says what is FAILED, with a line for each root cause. It is null if nothing is.
func failureText(status connectclient.Status) types.String {
	var lines []string
	groups := connectclient.GroupFailures(status.Failures())
	for _, group := range groups[:min(len(groups), maxGroups)] {
		cause := "the worker reports no cause; check its log"
		if n := len(group.Causes); n > 0 {
			cause = group.Causes[n-1]
		}
		lines = append(lines, group.Parts()+": "+cause)
	}
	if len(groups) > maxGroups {
		lines = append(lines, "and other parts, for other reasons")
	}
	return orNull(strings.Join(lines, "\n"))
}

// groupKey is the key that replaces the consumer group of a sink (KIP-458).
const groupKey = "consumer.override.group.id"

// consumerGroup returns the consumer group of a sink, or "".
func consumerGroup(got connectclient.Connector) string {
	if got.Type != "sink" {
		return ""
	}
	return cmp.Or(strings.TrimSpace(got.Config[groupKey]), "connect-"+got.Name)
}

// sinkTopics returns the topics that a sink lists in its configuration. There are none with topics.regex.
func sinkTopics(got connectclient.Connector) []string {
	var topics []string
	for topic := range strings.SplitSeq(got.Config["topics"], ",") {
		if topic = strings.TrimSpace(topic); topic != "" {
			topics = append(topics, topic)
		}
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}

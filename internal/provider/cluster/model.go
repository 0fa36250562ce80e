package cluster

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/internaltopic"
)

// model is the data source kafkaconnect_cluster.
type model struct {
	Cluster        types.String    `tfsdk:"cluster"`
	GroupID        types.String    `tfsdk:"group_id"`
	Timeouts       timeouts.Value  `tfsdk:"timeouts"`
	Version        types.String    `tfsdk:"version"`
	Commit         types.String    `tfsdk:"commit"`
	KafkaClusterID types.String    `tfsdk:"kafka_cluster_id"`
	Features       map[string]bool `tfsdk:"features"`
	Workers        []workerModel   `tfsdk:"workers"`
	Members        []memberModel   `tfsdk:"members"` // nil is null
}

// workerModel is what one worker reports about itself.
type workerModel struct {
	URL            string  `tfsdk:"url"`
	Version        *string `tfsdk:"version"`
	Ready          bool    `tfsdk:"ready"`
	ConfigRevision *string `tfsdk:"config_revision"`
	Error          *string `tfsdk:"error"`
}

// memberModel is one member of the group.
type memberModel struct {
	Host       string           `tfsdk:"host"`
	URL        string           `tfsdk:"url"`
	Connectors []string         `tfsdk:"connectors"`
	Tasks      map[string][]int `tfsdk:"tasks"`
}

// setWorkers sets what the workers report. At least one of them answers.
func (m *model) setWorkers(workers []connectclient.Worker) {
	m.Workers = make([]workerModel, len(workers))
	for i, w := range workers {
		m.Workers[i] = workerModel{URL: w.URL, Version: orNull(w.Version), Ready: w.Err == nil, ConfigRevision: orNull(w.Revision)}
		if w.Err != nil {
			m.Workers[i].Error = orNull(w.Err.Error())
		}
	}
	answering := slices.DeleteFunc(slices.Clone(workers), func(w connectclient.Worker) bool { return !w.Answers() })
	oldest := slices.MinFunc(answering, func(a, b connectclient.Worker) int {
		first, known := a.KafkaVersion()
		second, otherKnown := b.KafkaVersion()
		if !known || !otherKnown {
			return 0
		}
		return first.Compare(second)
	})
	m.Version, m.Commit, m.KafkaClusterID = types.StringValue(oldest.Version), types.StringValue(oldest.Commit), types.StringValue(oldest.KafkaClusterID)
	m.Features = oldest.Features()
}

// setGroup sets what the brokers report about the group.
func (m *model) setGroup(g internaltopic.Group) {
	m.GroupID = types.StringValue(g.ID)
	m.Members = make([]memberModel, len(g.Members))
	for i, member := range g.Members {
		m.Members[i] = memberModel{Host: strings.TrimPrefix(member.Host, "/"), URL: member.URL, Connectors: member.Connectors, Tasks: member.Tasks}
		if m.Members[i].Connectors == nil {
			m.Members[i].Connectors = []string{}
		}
		if m.Members[i].Tasks == nil {
			m.Members[i].Tasks = map[string][]int{}
		}
	}
	slices.SortFunc(m.Members, func(a, b memberModel) int { return strings.Compare(a.URL, b.URL) })
}

// orNull returns nil for an empty text.
func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

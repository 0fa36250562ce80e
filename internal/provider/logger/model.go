package logger

import (
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
)

// model is the resource in configuration, plan and state.
type model struct {
	Name          types.String   `tfsdk:"name"`
	Level         types.String   `tfsdk:"level"`
	Cluster       types.String   `tfsdk:"cluster"`
	Timeouts      timeouts.Value `tfsdk:"timeouts"`
	ID            types.String   `tfsdk:"id"`
	Levels        types.Map      `tfsdk:"levels"`
	OriginalLevel types.String   `tfsdk:"original_level"`
}

// id returns the value of `id`. It is unknown if the name or the cluster is.
func (m model) id() types.String { return session.ObjectID(m.Cluster, m.Name) }

// level returns the level as workers write it, or "" if it is null or unknown.
func (m model) level() string { return strings.ToUpper(m.Level.ValueString()) }

// knownLevel returns the level that all workers have, or "".
func (m model) knownLevel() string {
	if !slices.Contains(knownLevels, m.level()) {
		return ""
	}
	return m.level()
}

// observe sets the level and the levels to those of the workers that answered. A level that all of them have keeps the
// spelling of the user.
func (m *model) observe(list []connectclient.WorkerLoggers) {
	levels, different := map[string]attr.Value{}, []string{}
	for _, w := range list {
		if w.Err != nil {
			continue
		}
		level := w.Level(m.Name.ValueString())
		levels[w.URL] = types.StringValue(level)
		if !slices.Contains(different, level) {
			different = append(different, level)
		}
	}
	slices.Sort(different)
	if found := strings.Join(different, ", "); found != m.level() && found != "" {
		m.Level = types.StringValue(found)
	}
	m.Levels = types.MapValueMust(types.StringType, levels)
	m.ID = m.id()
}

// original converts a level as [session.Levels.Found] returns it.
func original(level string) types.String {
	if level == "" {
		return types.StringNull()
	}
	return types.StringValue(level)
}

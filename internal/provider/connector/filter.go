package connector

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// filters are the attributes that select connectors. A null attribute selects all.
type filters struct {
	NameRegex types.String `tfsdk:"name_regex"`
	Class     types.String `tfsdk:"class"`
	Type      types.String `tfsdk:"type"`
	State     types.String `tfsdk:"state"`
	Healthy   types.Bool   `tfsdk:"healthy"`
}

// Descriptions of the filters.
const (
	nameRegexDescription = "Regular expression (RE2) that matches a part of the name. Use `^` and `$` to match the whole name. Default: every name."
	classDescription     = "Value of `connector.class`, as the configuration of the connector has it. Default: every class."
	typeDescription      = "`source` or `sink`. Default: both."
	stateDescription     = "State of the connector itself, without its tasks, as the worker reports it: `RUNNING`, `PAUSED`, `STOPPED`, `FAILED`, `UNASSIGNED` or `RESTARTING`. Default: every state."
	healthyDescription   = "`true` selects a connector that is `RUNNING`, `PAUSED` or `STOPPED`, if each of its tasks is `RUNNING` or `PAUSED`. `false` selects the others. Default: both."
)

// reportedStates are the states of connectors that workers report.
var reportedStates = append([]string{stateFailed, string(connectclient.StateUnassigned), string(connectclient.StateRestarting)}, targetStates...)

// selector compiles the filters into a function that selects a connector.
func (f filters) selector() (func(connectclient.ConnectorWithStatus) bool, diag.Diagnostics) {
	pattern, diags := tfvalue.Regexp(path.Root("name_regex"), f.NameRegex)
	if diags.HasError() {
		return nil, diags
	}
	is := func(filter types.String, value string) bool { return filter.IsNull() || filter.ValueString() == value }
	return func(one connectclient.ConnectorWithStatus) bool {
		return pattern.MatchString(one.Connector.Name) &&
			is(f.Class, one.Connector.Config[classKey]) &&
			is(f.Type, one.Connector.Type) &&
			is(f.State, string(one.Status.Connector.State)) &&
			(f.Healthy.IsNull() || f.Healthy.ValueBool() == healthy(one.Status))
	}, nil
}

// healthy reports whether the connector and all its tasks are in a state that a configuration can declare.
func healthy(status connectclient.Status) bool {
	return !status.Failed() && unsettledState(status) == "" && len(status.Unseen) == 0
}

package logger

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// belowKey is the key in private state with the levels of loggers below that do not change: see [session.Levels].
const belowKey = "below"

func levelsBelow(ctx context.Context, private tfvalue.PrivateReader) (map[string]string, diag.Diagnostics) {
	return tfvalue.ReadPrivate[map[string]string](ctx, private, belowKey, "The list of loggers below this one")
}

// ValidateConfig refuses a second resource for one logger.
func (r *Resource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var m model
	if resp.Diagnostics.Append(tfvalue.Get(ctx, req.Config, &m)...); resp.Diagnostics.HasError() || r.Session == nil {
		return
	}
	r, diags := r.in(m.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(r.Loggers.Declare(m.Name)...)
}

// ModifyPlan plans the id, notes which levels change, and finds out for a new resource whether the workers serve loggers.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	var before, after model
	created, destroyed := req.State.Raw.IsNull(), req.Plan.Raw.IsNull()
	if !created {
		resp.Diagnostics.Append(tfvalue.Get(ctx, req.State, &before)...)
	}
	if !destroyed {
		resp.Diagnostics.Append(tfvalue.Get(ctx, req.Plan, &after)...)
	}
	if resp.Diagnostics.HasError() || r.Session == nil {
		return
	}
	if created {
		before.Cluster = after.Cluster // null would count as a use of the default cluster
	}
	from, diags := r.in(before.Cluster)
	resp.Diagnostics.Append(diags...)
	if destroyed && !resp.Diagnostics.HasError() {
		from.Levels.Plan(ctx, before.Name.ValueString(), "", true)
		return
	}
	r, diags = r.in(after.Cluster)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return
	}
	replaced := !created && !after.id().Equal(before.id())
	if replaced {
		from.Levels.Plan(ctx, before.Name.ValueString(), "", true)
	}
	if id := after.id(); !id.IsUnknown() && !id.Equal(after.ID) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), id)...)
	}
	if after.Name.IsUnknown() || r.Connect.Unknown {
		return
	}
	changes := created || replaced || after.level() != before.level()
	below, above := r.Levels.Plan(ctx, after.Name.ValueString(), after.level(), changes)
	if above && !changes {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("levels"), types.MapUnknown(types.StringType))...)
	}
	if created && !r.Applying.Load() {
		resp.Diagnostics.Append(r.checkWorkers(ctx, after, below)...)
	}
}

// checkWorkers asks the workers for their loggers, once in a run, so that a plan fails that cannot be applied. It warns if the new resource
// may change the level of a logger below, which the apply knows nothing of.
func (r *Resource) checkWorkers(ctx context.Context, m model, below map[string]string) (diags diag.Diagnostics) {
	client := r.ConnectClient()
	if client == nil {
		return nil // Create says why
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	list, err := r.list(ctx, client, m.Name.ValueString())
	if found, ok := errors.AsType[*session.NoWorkerError](err); ok {
		return r.Report(found)
	}
	if err != nil {
		diags.Append(diagnose("plan", m.Name, err))
	}
	name := m.Name.ValueString()
	kept := session.KeptLevels(list, name, m.level(), nil)
	for other, level := range below {
		if _, seen := kept[other]; !seen && level != m.level() {
			diags.Append(overwrittenWarning(name, other))
		}
	}
	return diags
}

// loggerName refuses names that a worker cannot find, and other spellings of root.
type loggerName struct{}

func (loggerName) Description(context.Context) string {
	return "must be a name that the REST API can address"
}

func (v loggerName) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (loggerName) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := validName(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid logger name", diagnostics.Sentence(err.Error()))
	}
}

func validName(name string) error {
	found := "found " + diagnostics.Quoted(name) + "; "
	switch {
	case strings.EqualFold(name, connectclient.RootLogger) && name != connectclient.RootLogger:
		return errors.New(found + "the name of the root logger is \"root\"")
	case name == "", name == ".", name == "..", strings.TrimSpace(name) != name,
		strings.ContainsAny(name, `/\%{};`), strings.ContainsFunc(name, unicode.IsControl):
		return errors.New(found + "give \"root\" or the name of a Java package or class, such as \"org.apache.kafka.connect\"")
	}
	return nil
}

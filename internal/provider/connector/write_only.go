package connector

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// writeOnlyKey is where private state keeps writeOnlyKeys.
const writeOnlyKey = "config_wo"

// writeOnlyKeys is what private state keeps of config_wo: the keys, because Read cannot see the configuration and must
// not take their values for drift; and, only for keys whose values the worker masks, a digest to compare with.
//
// Terraform drops the private state of a resource whose provider crashes in an update, and keeps the rest. The keys are
// then nil, not empty: any key that the worker has and state does not may be a secret. That lasts until an update
// succeeds.
type writeOnlyKeys map[string]*tfvalue.SecretDigest

// readWriteOnly returns the keys of config_wo as of the last apply, nil if they were forgotten.
func readWriteOnly(ctx context.Context, private tfvalue.PrivateReader) (writeOnlyKeys, diag.Diagnostics) {
	return tfvalue.ReadPrivate[writeOnlyKeys](ctx, private, writeOnlyKey, "Its list of write-only configuration keys")
}

// save puts the keys into private state, also when there are none.
func (k writeOnlyKeys) save(ctx context.Context, private tfvalue.PrivateWriter) diag.Diagnostics {
	if k == nil {
		return nil
	}
	return tfvalue.SavePrivate(ctx, private, writeOnlyKey, k)
}

// names are the keys in order.
func (k writeOnlyKeys) names() []string { return slices.Sorted(maps.Keys(k)) }

// hides tells whether the value of a key that nothing in state declares may be a write-only one.
func (k writeOnlyKeys) hides(key string) bool {
	_, ok := k[key]
	return ok || k == nil
}

// and are the keys of both, as far as digests go those of the other. Forgotten ones stay forgotten: there may have been
// more.
func (k writeOnlyKeys) and(other writeOnlyKeys) writeOnlyKeys {
	if k == nil {
		return nil
	}
	both := maps.Clone(k)
	maps.Copy(both, other)
	return both
}

// rememberWriteOnly returns what is to be kept of config_wo, given what the worker holds.
func rememberWriteOnly(m model, held connectclient.Connector) writeOnlyKeys {
	keys := writeOnlyKeys{}
	for key, value := range tfvalue.StringMap(m.ConfigWO) {
		keys[key] = nil
		if isMask(held.Config[key]) {
			keys[key] = tfvalue.NewSecretDigest(value)
		}
	}
	return keys
}

// differences are the keys, in order, that an update has to send or remove: those whose value the worker does not hold,
// and those that were, or may have been, in config_wo and are not declared any more. With compare off, any value that
// the worker holds will do.
func (k writeOnlyKeys) differences(m model, held map[string]string, compare bool) []string {
	var differ []string
	for key, value := range m.ConfigWO.Elements() {
		value, known := value.(types.String)
		have, there := held[key]
		switch {
		case !there, compare && (!known || value.IsUnknown()):
			differ = append(differ, key)
		case compare && isMask(have):
			if !k[key].Matches(value.ValueString()) {
				differ = append(differ, key)
			}
		case compare && have != value.ValueString():
			differ = append(differ, key)
		}
	}
	ignored := tfvalue.StringSet(m.IgnoredConfigKeys)
	for key := range held {
		if _, declared := m.declares(key); !declared && k.hides(key) && key != nameKey && !slices.Contains(ignored, key) {
			differ = append(differ, key)
		}
	}
	slices.Sort(differ)
	return differ
}

// planWriteOnly plans config_wo_revision, which stands for the values of config_wo in the plan. Where one has to be
// sent it is unknown: a known number could not be taken back when a value turns out to be another one at apply.
func (r *Resource) planWriteOnly(ctx context.Context, req resource.ModifyPlanRequest, before, after model, resp *resource.ModifyPlanResponse) (changed bool) {
	remembered, diags := readWriteOnly(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return false
	}
	revision, created := after.ConfigWORevision, req.State.Raw.IsNull()
	switch {
	case after.ConfigWO.IsNull() && (created || remembered != nil && len(remembered) == 0):
		revision = types.Int64Null()
	case created || after.ConfigWO.IsUnknown() || before.ConfigWORevision.IsNull() && !after.ConfigWO.IsNull():
		revision, changed = types.Int64Unknown(), true
	default:
		differ := r.writeOnlyDifferences(ctx, before, after, remembered)
		if len(differ) > 0 {
			changed = true
			resp.Diagnostics.Append(writeOnlyWarning(after.Name.ValueString(), differ))
		}
		if changed || !req.Plan.Raw.Equal(req.State.Raw) {
			revision = types.Int64Unknown()
		}
	}
	if !revision.Equal(after.ConfigWORevision) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("config_wo_revision"), revision)...)
	}
	return changed
}

// writeOnlyDifferences compares with what the worker holds. Where there is no worker to ask, nothing differs.
func (r *Resource) writeOnlyDifferences(ctx context.Context, before, after model, remembered writeOnlyKeys) []string {
	held, ok := r.heldConfig(ctx, before.Name.ValueString())
	if !ok {
		return nil
	}
	compare := after.ConfigWOVersion.IsNull() || !after.ConfigWOVersion.Equal(before.ConfigWOVersion)
	return remembered.differences(after, held, compare)
}

// heldConfig is what the worker holds of the connector: in a plan, what Read has just seen.
func (r *Resource) heldConfig(ctx context.Context, name string) (map[string]string, bool) {
	client := r.ConnectClient()
	if client == nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	got, _, err := client.ConnectorWithStatus(ctx, name)
	return got.Config, err == nil
}

// configWriteOnly is config_wo, which only the configuration has.
func configWriteOnly(ctx context.Context, config tfsdk.Config) (wo types.Map, diags diag.Diagnostics) {
	diags = config.GetAttribute(ctx, path.Root("config_wo"), &wo)
	return wo, diags
}

// nextRevision is config_wo_revision after config_wo was sent.
func (m *model) nextRevision(before types.Int64) {
	switch {
	case m.ConfigWO.IsNull():
		m.ConfigWORevision = types.Int64Null()
	case m.ConfigWORevision.IsUnknown():
		m.ConfigWORevision = types.Int64Value(before.ValueInt64() + 1)
	}
}

// writeOnlyWarning names the keys whose values the plan cannot show.
func writeOnlyWarning(name string, keys []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("config_wo"), "Secret configuration of connector "+diagnostics.Quoted(name)+" changes",
		"What the worker holds of "+strings.Join(keys, ", ")+" is not what config_wo declares. The apply puts that right; the values are not shown.")
}

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
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
)

// memory is what private state keeps between the runs of Terraform. It contains no secrets.
type memory struct {
	writeOnly writeOnlyKeys
	digests   writeOnlyKeys     // the digests of values that were applied; writeOnly loses those of values that are being sent
	applied   map[string]string // the last applied values of config and config_sensitive, from the state
	shown     map[string]string // those of config
	staleKeys []string          // see staleTasksError
	saved     savedValues       // of an update whose tasks were not checked
	clusterID string            // see saveClusterID
}

// readMemory reads all of it.
func readMemory(ctx context.Context, private tfvalue.PrivateReader) (memory, diag.Diagnostics) {
	writeOnly, diags := tfvalue.ReadPrivate[writeOnlyKeys](ctx, private, writeOnlyKey, "The connector's list of write-only configuration keys")
	staleKeys, more := tfvalue.ReadPrivate[[]string](ctx, private, staleKeysKey, "The connector's list of stale keys")
	diags.Append(more...)
	clusterID, more := tfvalue.ReadPrivate[string](ctx, private, clusterIDKey, "The id of the connector's Kafka cluster")
	diags.Append(more...)
	saved, more := tfvalue.ReadPrivate[savedValues](ctx, private, savedValuesKey, "The connector's previous values")
	return memory{
		writeOnly: writeOnly, digests: writeOnly, staleKeys: staleKeys, saved: saved, clusterID: clusterID,
	}, append(diags, more...)
}

// clusterIDKey is the key in private state of the id of the Kafka cluster that the connector was last applied to.
const clusterIDKey = "kafka_cluster_id"

// saveClusterID saves the id of the Kafka cluster, for [session.Session.CheckCluster] in later runs. It keeps the previous
// id if the workers do not tell.
func saveClusterID(ctx context.Context, client *connectclient.Client, private tfvalue.PrivateWriter) diag.Diagnostics {
	id, err := client.KafkaClusterID(ctx)
	if err != nil || id == "" {
		return nil
	}
	return tfvalue.SavePrivate(ctx, private, clusterIDKey, id)
}

// writeOnlyKey is the key of writeOnlyKeys in private state.
const writeOnlyKey = "config_wo"

// writeOnlyKeys are the keys of config_wo that were applied. Read does not receive the configuration and must not take
// these keys for drift. If the worker masks a value, its digest is kept for a later comparison.
//
// Terraform drops the private state of a resource if the provider crashes in an update. The keys are then nil, not
// empty: each key that the worker holds and the state does not declare may be write-only. The next successful update
// saves the keys again.
type writeOnlyKeys map[string]*tfvalue.SecretDigest

// save saves the keys, also if there are none.
func (k writeOnlyKeys) save(ctx context.Context, private tfvalue.PrivateWriter) diag.Diagnostics {
	if k == nil {
		return nil
	}
	return tfvalue.SavePrivate(ctx, private, writeOnlyKey, k)
}

// hides reports whether a key that the state does not declare may be write-only.
func (k writeOnlyKeys) hides(key string) bool {
	_, ok := k[key]
	return ok || k == nil
}

// merge returns the keys together with those of other, whose digests win. Dropped keys stay nil: there may be more.
func (k writeOnlyKeys) merge(other writeOnlyKeys) writeOnlyKeys {
	if k == nil {
		return nil
	}
	merged := maps.Clone(k)
	maps.Copy(merged, other)
	return merged
}

// differences returns the sorted keys that an update has to send or to remove: keys of config_wo whose value differs on
// the worker, and keys that are, or may be, from an earlier config_wo. Without compare, any value on the worker is
// accepted.
func (k writeOnlyKeys) differences(m model, have map[string]string, compare bool) []string {
	var differ []string
	for key, value := range m.ConfigWO.Elements() {
		value, known := value.(types.String)
		held, exists := have[key]
		switch {
		case !exists, compare && (!known || value.IsUnknown()):
			differ = append(differ, key)
		case !compare || held == value.ValueString():
		case !secret.IsMask(held) || !k[key].Matches(value.ValueString()):
			differ = append(differ, key)
		}
	}
	ignored := tfvalue.StringSet(m.IgnoredConfigKeys)
	for key := range have {
		if _, declared := m.declares(key); !declared && k.hides(key) && key != nameKey && !slices.Contains(ignored, key) {
			differ = append(differ, key)
		}
	}
	slices.Sort(differ)
	return differ
}

// getWriteOnly reads config_wo from the configuration: plan and state do not contain it.
func (m *model) getWriteOnly(ctx context.Context, config tfsdk.Config) diag.Diagnostics {
	return config.GetAttribute(ctx, path.Root("config_wo"), &m.ConfigWO)
}

// writeOnlyKeys returns the keys of config_wo, with digests of the values that the connector masks.
func (m model) writeOnlyKeys(have connectclient.Connector) writeOnlyKeys {
	keys := writeOnlyKeys{}
	for key, value := range tfvalue.StringMap(m.ConfigWO) {
		keys[key] = nil
		if secret.IsMask(have.Config[key]) {
			keys[key] = tfvalue.NewSecretDigest(value)
		}
	}
	return keys
}

// saveWriteOnly saves the keys of config_wo after they were sent, and sets the revision that follows the previous one.
func (m *model) saveWriteOnly(ctx context.Context, have connectclient.Connector, previous types.Int64, private tfvalue.PrivateWriter) diag.Diagnostics {
	switch {
	case m.ConfigWO.IsNull():
		m.ConfigWORevision = types.Int64Null()
	case m.ConfigWORevision.IsUnknown():
		m.ConfigWORevision = types.Int64Value(previous.ValueInt64() + 1)
	}
	return m.writeOnlyKeys(have).save(ctx, private)
}

// planWriteOnly plans config_wo_revision, and reports whether a value of config_wo changes. The revision is unknown if
// the update has to send a value. Terraform does not accept a known number that changes in the apply, and the values may
// be known only then.
func (r *Resource) planWriteOnly(ctx context.Context, held place, req resource.ModifyPlanRequest, before, after model, resp *resource.ModifyPlanResponse) (changed bool) {
	known, diags := readMemory(ctx, req.Private)
	if resp.Diagnostics.Append(diags...); resp.Diagnostics.HasError() {
		return false
	}
	revision, created := after.ConfigWORevision, req.State.Raw.IsNull()
	switch {
	case after.ConfigWO.IsNull() && (created || known.writeOnly != nil && len(known.writeOnly) == 0):
		revision = types.Int64Null()
	case created || after.ConfigWO.IsUnknown() || before.ConfigWORevision.IsNull() && !after.ConfigWO.IsNull():
		revision, changed = types.Int64Unknown(), true
	default:
		have, readable := held.config(ctx)
		if readable {
			compare := after.ConfigWOVersion.IsNull() || !after.ConfigWOVersion.Equal(before.ConfigWOVersion)
			if differ := known.writeOnly.differences(after, have, compare); len(differ) > 0 {
				changed = true
				resp.Diagnostics.Append(writeOnlyWarning(after.Name.ValueString(), differ))
			}
		}
		notCompared := r.ConnectClient() != nil && after.restartsFailures() && !after.ConfigWO.IsNull() && after.ConfigWOVersion.IsNull()
		// An update that cannot compare the values may send them, too. An apply plans again what differs, and then no worker
		// may answer, such as while they restart: a number that was known in the plan must stay known.
		differs := !req.Plan.Raw.Equal(req.State.Raw)
		unread := !readable && (!differs || r.Planning.Load() || before.State.ValueString() == stateUnreachable)
		if changed || sendsConfig(before, after) || unread && (notCompared || differs) {
			revision = types.Int64Unknown()
		}
	}
	if !revision.Equal(after.ConfigWORevision) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("config_wo_revision"), revision)...)
	}
	return changed
}

// sendsConfig reports whether an update sends the configuration because it changes or the connector moves, also config_wo then.
func sendsConfig(before, after model) bool {
	return after.movesFrom(before) || !after.Config.Equal(before.Config) || !after.ConfigSensitive.Equal(before.ConfigSensitive) ||
		!after.IgnoredConfigKeys.Equal(before.IgnoredConfigKeys)
}

// config returns the configuration that the worker holds. While Terraform plans, the client has it from Read.
func (p place) config(ctx context.Context) (map[string]string, bool) {
	client := p.ConnectClient()
	if client == nil {
		return nil, false
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	if p.Applying.Load() { // the client has nothing from Read, and nothing needs the status
		got, err := client.RecentConnector(ctx, p.name)
		return got.Config, err == nil
	}
	var got connectclient.Connector
	err := p.Ask(ctx, client, func(ctx context.Context) (err error) {
		got, _, err = client.ConnectorWithStatus(ctx, p.name)
		return err
	})
	return got.Config, err == nil
}

// writeOnlyWarning names the keys whose values the plan cannot show.
func writeOnlyWarning(name string, keys []string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(path.Root("config_wo"), "Secret configuration of "+quoted(name)+" changes",
		"The values of these keys on the worker differ from config_wo: "+strings.Join(keys, ", ")+". The apply sends declared keys and removes others. "+
			"Terraform does not show the values.")
}

package connector

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-jsontypes/jsontypes"
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/objectvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/session"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Schema implements [resource.Resource].
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A connector with its configuration and its target state. An apply succeeds when the connector and all its tasks have the declared state " +
			"and the declared configuration. Otherwise the apply fails with the root cause, and later plans show a change until the cause is fixed.\n\n" +
			"**How long an apply waits.** Connectors and tasks must stay `RUNNING` for the time in `connect.stable_for` of the provider, 5 seconds by default. " +
			"An apply waits for this time once, whatever the number of connectors. Terraform reports a connector as complete when it is `RUNNING`, if it works on others at the same time. Resources that depend on the connector are then created before the time has passed. " +
			"The operation that ends last waits until the time has passed for all. It fails if any connector has failed meanwhile, and names each one with its cause. " +
			"If that operation created a connector, Terraform taints this connector; the next apply repairs it in place. The failed connectors show `state` as a change from `FAILED`.\n\n" +
			"**Existing connectors.** If a connector of this name with an identical configuration exists already, the plan shows a warning and the apply adopts the connector. " +
			"Keys in `ignored_config_keys` do not count. " +
			"If its configuration differs, the plan fails and names the keys that differ; import the connector instead. " +
			"If a connector of this name is created after the plan, the apply reports it in the same way.\n\n" +
			"**Workers that are down.** If no worker answers, a plan waits at most 12 seconds, once for all connectors. Then the plan keeps connectors as they are in the state, " +
			"shows `state` as a change from `UNREACHABLE`, and warns once. With `on_failure` set to `warn` or `ignore`, `state` does not change. " +
			"The apply waits for a worker within the timeouts of each connector, then sends only what differs. " +
			"In the same configuration, topics can be rebuilt, workers repaired, and a destroy planned. " +
			"A wrong scheme or path in the URL, wrong credentials, or another service at the address is an error in the plan.\n\n" +
			"**Secrets.** Values in `config_sensitive` and `config_wo` are secrets. Any other value is a secret if the connector defines its key as a password. " +
			"It is also a secret if its key has a typical name, such as `database.password`, or if it has a typical form. " +
			"Such forms are URLs with a password, `password=…` in a connection string, private keys and tokens. " +
			"A placeholder such as `$${file:/run/secrets/db:password}` is not a secret. Messages show `(hidden)` in place of secrets, and a secret in `config` causes a warning. " +
			"If a worker shows a mask such as `****` or `[hidden]` in place of a secret, the mask is not drift. " +
			"The provider never sends a mask back to a worker, and refuses an update that contains one.\n\n" +
			"**Rename and move.** If `name` or `cluster` changes, the apply creates the new connector in state `STOPPED`, stops the old one, copies its offsets and reads them back. " +
			"Then it starts the new connector, waits until it has its declared state, and deletes the offsets of the old connector and the connector itself. The two never run at the same time. " +
			"A sink continues as a member of the new consumer group, at the offsets of the old group. Offsets that exist under the new name already are replaced, except those of a consumer group that `consumer.override.group.id` names. `deletion_protection` does not forbid the change. " +
			"A name that another resource gives up can be taken only in a later apply. " +
			"If a step fails, the old connector runs again, from where the new one has stopped, and the state keeps the old name. If the apply is killed, the next apply completes the move. " +
			"The connector delivers records twice only as it does after a restart. " +
			"The connector is deleted and created without its offsets if `connector.class` changes, or if a worker is older than Kafka Connect 3.7, which cannot create a connector in state `STOPPED`. The plan shows a replacement and a warning then. " +
			"A sink keeps its position only in a cluster whose workers use the same Kafka cluster. Otherwise the plan fails; with `initial_offsets`, the plan replaces the sink.\n\n" +
			"**Tainted resources.** If a creation fails after the worker has created the connector, Terraform taints the resource and plans a replacement. " +
			"A tainted connector is repaired in place: the apply sends its configuration and restarts what failed. The connector is not deleted, and its offsets stay. " +
			"`prevent_destroy` refuses this replacement; `terraform untaint` makes it an update. " +
			"If the name of a tainted connector changes, the old connector is deleted.\n\n" +
			"**Replacement.** `-replace` deletes the connector and creates it again; offsets stay unless `reset_offsets_on_destroy` is set. " +
			"For a tainted resource, run `terraform untaint` first. With `create_before_destroy`, a replacement under the same name adopts the existing connector and does not delete it.\n\n" +
			"**One name, one resource.** Two resources must not declare the same name. The plan reports this error if both names are known; otherwise the apply or the next plan reports it.\n\n" +
			"**Import.** An import needs read access to `/connectors` only, and does not change the connector. The REST API does not show the target state of a connector that is `FAILED`. " +
			"Such a connector is imported as `PAUSED` if one of its tasks is paused, otherwise as `RUNNING`. A warning names a connector that no worker runs at that time. " +
			"If the connector or one of its tasks has failed, `on_failure` is imported as `warn`, so that the import restarts nothing and plans show a warning with the root cause. " +
			"Remove `on_failure` from the configuration to have the next apply restart what failed. " +
			"Blank keys and null values, which some workers accept, are imported into `ignored_config_keys`.\n\n" +
			"**Moves.** A `moved` block moves a `kafka-connect_connector` of the provider Mongey/kafka-connect to this resource. The connector on the worker is not changed.",
		Attributes: map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "Name of the connector. A changed name is an update that keeps the position of the connector: see *Rename and move*. " +
					"The REST API cannot address every name: `/`, `\\`, `%`, `{`, `}` and control characters are not allowed, nor is white space at the beginning or end.",
				Required:   true,
				Validators: []validator.String{connectorName{}},
			},
			"config": schema.MapAttribute{
				MarkdownDescription: "Complete configuration of the connector, including `connector.class`. If the worker has a key that is not declared, the plan shows it as a change, " +
					"and the apply removes the key. Keys in `ignored_config_keys` are the exception. The plan shows `(not shown)` for an undeclared value that may be secret.",
				Required:    true,
				ElementType: types.StringType,
				Validators:  tfvalue.NoBlankKeys,
			},
			"cluster": schema.StringAttribute{
				MarkdownDescription: session.ClusterDescription + " A changed cluster is an update that moves the connector and keeps its position: see *Rename and move*.",
				Optional:            true,
			},
			"config_sensitive": schema.MapAttribute{
				MarkdownDescription: "Additional configuration with secret values. Terraform stores these values in the state and does not show them in its output. Default: none. " +
					"A key may be in only one of `config`, `config_sensitive` and `config_wo`.",
				Optional:    true,
				Sensitive:   true,
				ElementType: types.StringType,
				Validators:  tfvalue.NoBlankKeys,
			},
			"config_wo": schema.MapAttribute{
				MarkdownDescription: "Additional configuration with secret values, which Terraform does not store. Default: none. If the worker masks a value, Terraform stores a salted hash of the value. " +
					"Every plan compares the values with those on the worker. If they differ, `config_wo_revision` changes and the apply sends them. " +
					"A key may be in only one of `config`, `config_sensitive` and `config_wo`. Needs Terraform 1.11 or OpenTofu 1.11. " +
					"If the provider crashes in an update, Terraform loses the list of these keys. Until the next successful update, undeclared keys on the worker are not shown as drift.",
				Optional:    true,
				Sensitive:   true,
				WriteOnly:   true,
				ElementType: types.StringType,
				Validators:  tfvalue.NoBlankKeys,
			},
			"config_wo_version": schema.Int64Attribute{
				MarkdownDescription: "Version of the values in `config_wo`, for values that differ in every run. Default: none. If it is set, the values are not compared with those on the worker. " +
					"The apply sends the values only if this number or another attribute changes.",
				Optional: true,
			},
			"state": schema.StringAttribute{
				MarkdownDescription: "Target state: `RUNNING` (default; see also `connect.stable_for` of the provider), `PAUSED` (tasks stay assigned and idle) or `STOPPED` (no tasks; needs Kafka Connect 3.5). " +
					"Terraform's state may also hold an observed value. The next plan then shows a change from this value: `FAILED`, `UNASSIGNED`, `STALE` (tasks still run a previous configuration), " +
					"or `UNREACHABLE` (no worker answers).",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(stateRunning),
				Validators: []validator.String{stringvalidator.OneOf(targetStates...)},
			},
			"on_failure": schema.StringAttribute{
				MarkdownDescription: "What Terraform does about a connector or task that is `FAILED`. `restart` (default): the plan shows a warning with the root cause and `state` as a change from `FAILED`; " +
					"the apply restarts what failed. `warn`: the plan shows only the warning. `ignore`: the plan shows nothing. " +
					"If no worker answers, the plan shows `state` as a change only with `restart`.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(onFailureRestart),
				Validators: []validator.String{stringvalidator.OneOf(onFailureRestart, onFailureWarn, onFailureIgnore)},
			},
			"on_update_failure": schema.StringAttribute{
				MarkdownDescription: "What Terraform does if the connector or a task is `FAILED` after an update, within the time in `connect.stable_for`. `keep` (default): the connector keeps the new configuration. " +
					"`rollback`: the connector gets back its previous configuration and target state. The apply waits until the connector has this state again, then fails with the cause, " +
					"and the next plan shows the update again. The previous configuration is taken from the worker and is not stored. If the worker masks values of this configuration, a rollback is not possible and the plan shows a warning. " +
					"A connector that was `FAILED` before the update is not rolled back, nor is one whose update timed out or was interrupted.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(onUpdateFailureKeep),
				Validators: []validator.String{stringvalidator.OneOf(onUpdateFailureKeep, onUpdateFailureRollback)},
			},
			"ignored_config_keys": schema.SetAttribute{
				MarkdownDescription: "Configuration keys that something else manages. Plans do not show the values of such keys on the worker, " +
					"and updates do not change these values. A key that the configuration also declares is not ignored. Import adds the keys of secrets to this attribute and does not import their values. " +
					"If the worker masks the value of such a key, an update of the configuration is refused: declare the key in `config_wo` or `config_sensitive`. Default: none.",
				Optional:    true,
				ElementType: types.StringType,
			},
			"validate": schema.BoolAttribute{
				MarkdownDescription: "Whether a worker validates a new or changed configuration during the plan. Terraform shows each error on its key, " +
					"and warns of keys that look misspelled, and of a dead-letter queue that cannot work. While a value is unknown, the plan shows only errors that no unknown value can cause. " +
					"The worker validates the configuration only during the apply if no worker answers in the plan, or if the worker does not allow the request. " +
					"The same applies to changes that are planned with `-refresh=false`. Default `true`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(true),
			},
			"initial_offsets": schema.ListNestedAttribute{
				MarkdownDescription: "Offsets at which a new connector starts. The apply sets these offsets once, before the connector processes a record; later changes have no effect. " +
					"If a deleted connector of this name left offsets, they are kept and a warning is shown; " +
					"see `reset_offsets_on_destroy`. By default, the connector chooses where to start. Needs Kafka Connect 3.7.",
				Optional: true,
				NestedObject: schema.NestedAttributeObject{
					Attributes: map[string]schema.Attribute{
						"partition": schema.StringAttribute{
							MarkdownDescription: partitionDescription,
							Required:            true,
							CustomType:          jsontypes.NormalizedType{},
							Validators:          []validator.String{jsonObject{}},
						},
						"offset": schema.StringAttribute{
							MarkdownDescription: offsetDescription,
							Required:            true,
							CustomType:          jsontypes.NormalizedType{},
							Validators:          []validator.String{jsonObject{}},
						},
					},
				},
			},
			"offsets_from": schema.SingleNestedAttribute{
				MarkdownDescription: "Another connector that a new connector takes its offsets from. The apply stops the other connector, which stays `STOPPED`, copies its offsets, reads them back and starts the new connector. " +
					"The two never run at the same time: if the other connector is a resource, declare `state = \"STOPPED\"` for it. " +
					"If the new connector is not started, because an error occurs before, the other one runs again. Offsets that exist under the new name already are replaced. " +
					"The offsets of a source can be used in any cluster. Those of a sink can be used only if the workers of both clusters use the same Kafka cluster; otherwise the plan fails. " +
					"The class must understand the offsets of the other connector. Later changes have no effect. A connector that is deleted and created again takes the offsets again: remove the attribute after the apply. Do not set it together with `initial_offsets`. Needs Kafka Connect 3.7, and 3.5 for the other connector.",
				Optional:   true,
				Validators: []validator.Object{objectvalidator.ConflictsWith(path.MatchRoot("initial_offsets"))},
				Attributes: map[string]schema.Attribute{
					"name": schema.StringAttribute{
						MarkdownDescription: "Name of the other connector.",
						Required:            true,
						Validators:          []validator.String{connectorName{}},
					},
					"cluster": schema.StringAttribute{
						MarkdownDescription: session.ClusterDescription,
						Optional:            true,
					},
				},
			},
			"reset_offsets_on_destroy": schema.BoolAttribute{
				MarkdownDescription: "Whether a destroy stops the connector and deletes its offsets first. Otherwise the offsets stay, and a new connector of the same name continues from them. " +
					"Apply a change of this attribute before the destroy. Needs Kafka Connect 3.6; the destroy fails on older workers. Default `false`.",
				Optional: true,
				Computed: true,
				Default:  booldefault.StaticBool(false),
			},
			"deletion_protection": schema.BoolAttribute{
				MarkdownDescription: "Whether to refuse to delete the connector by a destroy or by a replacement. Apply `false` before such a change. Default `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"timeouts": timeouts.Attributes(ctx, timeouts.Opts{
				Create: true, Read: true, Update: true, Delete: true,
				CreateDescription: tfvalue.TimeoutDescription("a worker to start and for the connector and its tasks to have the declared state", createTimeout),
				ReadDescription:   tfvalue.TimeoutDescription("the answer to a read, including rebalances and restarts. If no worker answers, a plan waits at most 12 seconds", readTimeout),
				UpdateDescription: tfvalue.TimeoutDescription("a worker to start and for the connector and its tasks to have the declared state", updateTimeout),
				DeleteDescription: tfvalue.TimeoutDescription("a worker to start and for the connector to be deleted", deleteTimeout),
			}),
			"id": schema.StringAttribute{
				MarkdownDescription: "Name of the connector.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "`source` or `sink`, as the worker reports it.",
				Computed:            true,
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"config_wo_revision": schema.Int64Attribute{
				MarkdownDescription: "Incremented each time the apply sends `config_wo`. The plan shows `(known after apply)` if the apply will or may send it, and otherwise the same number.",
				Computed:            true,
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
		},
	}
}

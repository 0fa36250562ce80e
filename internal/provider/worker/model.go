package worker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/connectclient"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// model is the resource kafkaconnect_worker_config. The other kinds of worker configuration are converted to it; attributes
// that a kind does not have are empty.
//
// Null and unknown values are both empty in plain Go types. [model.isKnown] reports which values are known.
type model struct {
	groupModel
	workerModel
	Security *securityModel         `tfsdk:"security"`
	Workers  map[string]memberModel `tfsdk:"workers"`
	fileModel
	resourceModel

	OffsetStorageFile string        `tfsdk:"-"` // of a standalone worker
	ephemeral         bool          // without file attributes
	raw               tftypes.Value // the object that was decoded
}

// standaloneModel is the resource kafkaconnect_standalone_worker_config.
type standaloneModel struct {
	workerModel
	OffsetStorageFile string         `tfsdk:"offset_storage_file_filename"`
	Security          *securityModel `tfsdk:"security"`
	fileModel
	resourceModel
}

// ephemeralModel is the ephemeral resource kafkaconnect_worker_config.
type ephemeralModel struct {
	groupModel
	workerModel
	Security *ephemeralSecurityModel         `tfsdk:"security"`
	Workers  map[string]ephemeralMemberModel `tfsdk:"workers"`
}

// groupModel has the attributes of a group of distributed workers.
type groupModel struct {
	GroupID                  string `tfsdk:"group_id"`
	OffsetTopic              string `tfsdk:"offset_storage_topic"`
	ConfigTopic              string `tfsdk:"config_storage_topic"`
	StatusTopic              string `tfsdk:"status_storage_topic"`
	ExactlyOnceSourceSupport string `tfsdk:"exactly_once_source_support"`
	OffsetPartitions         *int64 `tfsdk:"offset_storage_partitions"`
	OffsetReplicationFactor  *int64 `tfsdk:"offset_storage_replication_factor"`
	ConfigReplicationFactor  *int64 `tfsdk:"config_storage_replication_factor"`
	StatusPartitions         *int64 `tfsdk:"status_storage_partitions"`
	StatusReplicationFactor  *int64 `tfsdk:"status_storage_replication_factor"`
	EnvironmentImage         string `tfsdk:"environment_image"`
	AnnounceRevision         bool   `tfsdk:"announce_revision"`
	InternalTopicCreation    *bool  `tfsdk:"internal_topic_creation"`
}

// workerModel has the attributes that distributed and standalone workers share, except security.
type workerModel struct {
	KeyConverter     string                         `tfsdk:"key_converter"`
	ValueConverter   string                         `tfsdk:"value_converter"`
	BootstrapServers types.List                     `tfsdk:"bootstrap_servers"`
	Cluster          types.String                   `tfsdk:"cluster"`
	HeaderConverter  string                         `tfsdk:"header_converter"`
	ClientPrefixes   []workerconfig.ClientPrefix    `tfsdk:"client_prefixes"`
	ConfigProviders  map[string]configProviderModel `tfsdk:"config_providers"`
	Config           map[string]string              `tfsdk:"config"`
	ConfigSensitive  map[string]string              `tfsdk:"config_sensitive"`
	overridesModel
	renderedModel
}

// overridesModel has the attributes that can differ between the workers of a group.
type overridesModel struct {
	PluginPath         []string `tfsdk:"plugin_path"`
	Listeners          []string `tfsdk:"listeners"`
	AdvertisedHostName string   `tfsdk:"advertised_host_name"`
	AdvertisedPort     *int64   `tfsdk:"advertised_port"`
	AdvertisedListener string   `tfsdk:"advertised_listener"`
	ClientRack         string   `tfsdk:"client_rack"`
}

// memberModel is one worker of a group.
type memberModel struct {
	overridesModel
	renderedModel
	fileModel
}

type ephemeralMemberModel struct {
	overridesModel
	renderedModel
}

// renderedModel has the computed attributes of one worker. setComputed sets them; nothing reads them.
type renderedModel struct {
	Content       string            `tfsdk:"content"`
	ContentSHA256 string            `tfsdk:"content_sha256"`
	Properties    map[string]string `tfsdk:"properties"`
	Environment   map[string]string `tfsdk:"environment"`
}

// fileModel has the attributes of the file of one worker.
type fileModel struct {
	Path       types.String `tfsdk:"path"`
	FileStatus string       `tfsdk:"file_status"`
}

// resourceModel has the attributes of the resources that the workers of a group share.
type resourceModel struct {
	FilePermission string `tfsdk:"file_permission"`
	Revision       int64  `tfsdk:"revision"`
}

type configProviderModel struct {
	Class      string            `tfsdk:"class"`
	Parameters map[string]string `tfsdk:"parameters"`
}

type securityModel struct {
	tlsModel
	SASL *saslModel `tfsdk:"sasl"`
}

type ephemeralSecurityModel struct {
	tlsModel
	SASL *ephemeralSASLModel `tfsdk:"sasl"`
}

// tlsModel has the attributes of security, except sasl.
type tlsModel struct {
	Protocol                        string           `tfsdk:"protocol"`
	SSLProtocol                     string           `tfsdk:"ssl_protocol"`
	SSLEnabledProtocols             []string         `tfsdk:"ssl_enabled_protocols"`
	EndpointIdentificationAlgorithm *string          `tfsdk:"ssl_endpoint_identification_algorithm"`
	TrustStore                      *trustStoreModel `tfsdk:"truststore"`
	KeyStore                        *keyStoreModel   `tfsdk:"keystore"`
}

type saslModel struct {
	ephemeralSASLModel
	PasswordWO types.String `tfsdk:"password_wo"`
}

type ephemeralSASLModel struct {
	Mechanism  string       `tfsdk:"mechanism"`
	Username   string       `tfsdk:"username"`
	Password   types.String `tfsdk:"password"`
	JAASConfig string       `tfsdk:"jaas_config"`
}

type trustStoreModel struct {
	Type         string `tfsdk:"type"`
	Location     string `tfsdk:"location"`
	Password     string `tfsdk:"password"`
	Certificates string `tfsdk:"certificates"`
}

type keyStoreModel struct {
	Type             string `tfsdk:"type"`
	Location         string `tfsdk:"location"`
	Password         string `tfsdk:"password"`
	KeyPassword      string `tfsdk:"key_password"`
	CertificateChain string `tfsdk:"certificate_chain"`
	Key              string `tfsdk:"key"`
}

func (m model) toModel() model { return m }

func (m standaloneModel) toModel() model {
	return model{
		workerModel: m.workerModel, Security: m.Security, fileModel: m.fileModel, resourceModel: m.resourceModel,
		OffsetStorageFile: m.OffsetStorageFile,
	}
}

func (m ephemeralModel) toModel() model {
	out := model{groupModel: m.groupModel, workerModel: m.workerModel, Workers: map[string]memberModel{}, ephemeral: true}
	for name, worker := range m.Workers {
		out.Workers[name] = memberModel{overridesModel: worker.overridesModel}
	}
	if m.Security != nil {
		out.Security = &securityModel{tlsModel: m.Security.tlsModel}
		if m.Security.SASL != nil {
			out.Security.SASL = &saslModel{ephemeralSASLModel: *m.Security.SASL}
		}
	}
	return out
}

// getter is a configuration, a plan or a state.
type getter interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

// decode reads a configuration, a plan or a state of the kind K.
func decode[K interface{ toModel() model }](ctx context.Context, from getter) (model, diag.Diagnostics) {
	var object types.Object
	var kind K
	diags := from.Get(ctx, &object)
	if diags.HasError() {
		return model{}, diags
	}
	diags.Append(object.As(ctx, &kind, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true, UnhandledUnknownAsEmpty: true})...)
	m := kind.toModel()
	raw, err := object.ToTerraformValue(ctx)
	if err != nil {
		diags.AddError("Unable to decode a worker configuration", err.Error())
	}
	m.raw = raw
	return m, diags
}

// valueAt returns the value at a path of attribute names and map keys. If a parent is null or unknown, it returns the parent.
func (m model) valueAt(names ...string) tftypes.Value {
	value := m.raw
	for _, name := range names {
		var children map[string]tftypes.Value
		if value.IsNull() || !value.IsKnown() || value.As(&children) != nil {
			return value
		}
		value = children[name] // a missing key gives the zero value, which is null
	}
	return value
}

// isKnown reports whether the value at the path is known, including everything in it.
func (m model) isKnown(names ...string) bool { return m.valueAt(names...).IsFullyKnown() }

// isSet reports whether the value at the path is not null. It, or its parent, may be unknown.
func (m model) isSet(names ...string) bool { return !m.valueAt(names...).IsNull() }

// unknownPassword stands for an unknown password_wo while Terraform plans.
const unknownPassword = "unknown"

// passwordWO returns password_wo, null if there is none.
func (m model) passwordWO() types.String {
	if m.Security == nil || m.Security.SASL == nil {
		return types.StringNull()
	}
	return m.Security.SASL.PasswordWO
}

// hasWriteOnly reports whether the configuration has a secret that must not be stored.
func (m model) hasWriteOnly() bool { return !m.passwordWO().IsNull() }

// workerNames returns the names in workers in order, or one empty name if workers is empty.
func (m model) workerNames() []string {
	if len(m.Workers) == 0 {
		return []string{""}
	}
	return slices.Sorted(maps.Keys(m.Workers))
}

// filePath returns the path of a worker's file, null if no file is to be written.
func (m model) filePath(worker string) types.String {
	if worker == "" {
		return m.Path
	}
	return m.Workers[worker].Path
}

// permission returns file_permission in four digits.
func (m model) permission() string {
	if m.FilePermission == "" {
		return "0600"
	}
	return "0" + strings.TrimPrefix(m.FilePermission, "0") // the schema has validated it
}

// declaration is a worker configuration without Terraform's types.
type declaration struct {
	render  func(worker string) (workerconfig.Properties, workerconfig.Problems)
	storage *workerconfig.Distributed // nil for a standalone worker
}

// declareDistributed converts the model of a group. defaultServers stand in for bootstrap_servers.
func declareDistributed(m model, defaultServers []string) declaration {
	d := workerconfig.Distributed{
		GroupID:                  m.GroupID,
		Worker:                   m.worker(defaultServers),
		OffsetStorage:            workerconfig.StorageTopic{Name: m.OffsetTopic, Partitions: m.OffsetPartitions, ReplicationFactor: m.OffsetReplicationFactor},
		ConfigStorage:            workerconfig.StorageTopic{Name: m.ConfigTopic, ReplicationFactor: m.ConfigReplicationFactor},
		StatusStorage:            workerconfig.StorageTopic{Name: m.StatusTopic, Partitions: m.StatusPartitions, ReplicationFactor: m.StatusReplicationFactor},
		InternalTopicCreation:    m.InternalTopicCreation,
		ExactlyOnceSourceSupport: m.ExactlyOnceSourceSupport,
		Workers:                  map[string]workerconfig.Place{},
	}
	for name, worker := range m.Workers {
		d.Workers[name] = workerconfig.Place(worker.overridesModel)
	}
	return declaration{render: d.Properties, storage: &d}
}

// declareStandalone converts the model of a standalone worker.
func declareStandalone(m model, defaultServers []string) declaration {
	s := workerconfig.Standalone{Worker: m.worker(defaultServers), OffsetStorageFile: m.OffsetStorageFile}
	return declaration{render: func(string) (workerconfig.Properties, workerconfig.Problems) { return s.Properties() }}
}

func (m model) worker(servers []string) workerconfig.Worker {
	if !m.BootstrapServers.IsNull() {
		servers = tfvalue.StringList(m.BootstrapServers)
	}
	config := map[string]string{}
	maps.Copy(config, m.Config)
	maps.Copy(config, m.ConfigSensitive)
	providers := make(map[string]workerconfig.ConfigProvider, len(m.ConfigProviders))
	for name, provider := range m.ConfigProviders {
		providers[name] = workerconfig.ConfigProvider(provider)
	}
	return workerconfig.Worker{
		BootstrapServers: servers,
		KeyConverter:     m.KeyConverter,
		ValueConverter:   m.ValueConverter,
		HeaderConverter:  m.HeaderConverter,
		Place:            workerconfig.Place(m.overridesModel),
		Security:         m.Security.security(),
		ClientPrefixes:   m.ClientPrefixes,
		ConfigProviders:  providers,
		Config:           config,
	}
}

func (m *securityModel) security() *workerconfig.Security {
	if m == nil {
		return nil
	}
	return &workerconfig.Security{
		Protocol:                        m.Protocol,
		SASL:                            m.SASL.sasl(),
		SSLProtocol:                     m.SSLProtocol,
		SSLEnabledProtocols:             m.SSLEnabledProtocols,
		EndpointIdentificationAlgorithm: m.EndpointIdentificationAlgorithm,
		TrustStore:                      (*workerconfig.TrustStore)(m.TrustStore),
		KeyStore:                        (*workerconfig.KeyStore)(m.KeyStore),
	}
}

func (m *saslModel) sasl() *workerconfig.SASL {
	if m == nil {
		return nil
	}
	sasl := &workerconfig.SASL{Mechanism: m.Mechanism, Username: m.Username, Password: m.Password.ValueString(), JAASConfig: m.JAASConfig}
	switch {
	case m.PasswordWO.IsUnknown():
		sasl.Password = unknownPassword
	case !m.PasswordWO.IsNull():
		sasl.Password = m.PasswordWO.ValueString()
	}
	return sasl
}

// redactedComment replaces secrets in content.
const redactedComment = "a secret, written to the file at path and kept nowhere else"

// rendering is the rendered configuration of one worker.
type rendering struct {
	// file is the text that the worker reads, including secrets.
	file string

	// The other fields may be stored.
	content       string
	contentSHA256 string
	properties    map[string]string
	environment   map[string]string // without the settings that no variable can express
}

// stored returns the properties that may be stored.
func (m model) stored(properties workerconfig.Properties) workerconfig.Properties {
	if !m.hasWriteOnly() {
		return properties
	}
	return slices.DeleteFunc(slices.Clone(properties), func(p workerconfig.Property) bool { return p.Secret })
}

// contentSHA256 returns the digest of the properties without their secrets.
func contentSHA256(properties workerconfig.Properties) string {
	digest := sha256.Sum256([]byte(properties.Redacted(redactedComment)))
	return hex.EncodeToString(digest[:])
}

// announced returns the properties with the announcement of their digest, which does not cover the announcement itself.
func (m model) announced(properties workerconfig.Properties) workerconfig.Properties {
	if !m.AnnounceRevision {
		return properties
	}
	return properties.WithResponseHeader(connectclient.RevisionHeader, contentSHA256(properties))
}

// rendering renders properties. With a write-only secret, only file contains secrets.
func (m model) rendering(declared workerconfig.Properties) rendering {
	properties := m.announced(declared)
	out := rendering{file: properties.Encode(), content: properties.Redacted(redactedComment), contentSHA256: contentSHA256(declared)}
	if !m.hasWriteOnly() {
		out.content = out.file
	}
	out.properties = m.stored(properties).Map()
	out.environment, _ = workerconfig.Image(m.EnvironmentImage).Environment(m.stored(properties)) // checkEnvironment reports the error
	return out
}

// renderAll renders every worker, by name. It ignores problems, which validation reports.
func (m model) renderAll(d declaration) map[string]rendering {
	all := map[string]rendering{}
	for _, worker := range m.workerNames() {
		properties, _ := d.render(worker)
		all[worker] = m.rendering(properties)
	}
	return all
}

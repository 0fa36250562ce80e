package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// secretNote stands in the place of secrets in content.
const secretNote = "a secret, written to the file at path and kept nowhere else" //nolint:gosec // says where one is

// unknownPassword stands for a password_wo that is known only at apply, in what is rendered before that.
const unknownPassword = "unknown"

// declaration is a worker configuration free of Terraform's types.
type declaration struct {
	workers []string // see fields.workers
	render  func(worker string) (workerconfig.Properties, workerconfig.Problems)

	// storage is set for distributed workers.
	storage *workerconfig.Distributed
}

// declareDistributed converts a group of distributed workers. The servers are the default of bootstrap_servers.
func declareDistributed(f fields, servers []string) declaration {
	d := workerconfig.Distributed{
		GroupID:                  f.text("group_id"),
		Worker:                   workerFrom(f, servers),
		OffsetStorage:            storageTopicFrom(f, "offset"),
		ConfigStorage:            storageTopicFrom(f, "config"),
		StatusStorage:            storageTopicFrom(f, "status"),
		ExactlyOnceSourceSupport: f.text("exactly_once_source_support"),
		Workers:                  map[string]workerconfig.Place{},
	}
	for name, place := range f.objects(attrWorkers) {
		d.Workers[name] = placeFrom(place)
	}
	return declaration{workers: f.workers(), render: d.Properties, storage: &d}
}

// declareStandalone converts a stand-alone worker.
func declareStandalone(f fields, servers []string) declaration {
	s := workerconfig.Standalone{Worker: workerFrom(f, servers), OffsetStorageFile: f.text("offset_storage_file_filename")}
	return declaration{
		workers: []string{""},
		render:  func(string) (workerconfig.Properties, workerconfig.Problems) { return s.Properties() },
	}
}

func workerFrom(f fields, servers []string) workerconfig.Worker {
	if f.given(attrBootstrapServers) {
		servers = f.list(attrBootstrapServers)
	}
	config := f.strings(attrConfig)
	maps.Copy(config, f.strings(attrConfigSensitive))
	return workerconfig.Worker{
		BootstrapServers: servers,
		KeyConverter:     f.text("key_converter"),
		ValueConverter:   f.text("value_converter"),
		HeaderConverter:  f.text("header_converter"),
		Place:            placeFrom(f),
		Security:         securityFrom(f.object(attrSecurity)),
		ClientPrefixes:   clientPrefixesFrom(f.list("client_prefixes")),
		ConfigProviders:  configProvidersFrom(f.objects(attrConfigProviders)),
		Config:           config,
	}
}

func storageTopicFrom(f fields, role string) workerconfig.StorageTopic {
	return workerconfig.StorageTopic{
		Name:              f.text(role + "_storage_topic"),
		Partitions:        f.number(role + "_storage_partitions"),
		ReplicationFactor: f.number(role + "_storage_replication_factor"),
	}
}

func placeFrom(f fields) workerconfig.Place {
	return workerconfig.Place{
		PluginPath:         f.list("plugin_path"),
		Listeners:          f.list("listeners"),
		AdvertisedHostName: f.text("advertised_host_name"),
		AdvertisedPort:     f.number("advertised_port"),
		AdvertisedListener: f.text("advertised_listener"),
		ClientRack:         f.text("client_rack"),
	}
}

func clientPrefixesFrom(names []string) []workerconfig.ClientPrefix {
	if names == nil {
		return nil
	}
	prefixes := make([]workerconfig.ClientPrefix, 0, len(names))
	for _, name := range names {
		prefixes = append(prefixes, workerconfig.ClientPrefix(name))
	}
	return prefixes
}

func configProvidersFrom(declared map[string]fields) map[string]workerconfig.ConfigProvider {
	providers := make(map[string]workerconfig.ConfigProvider, len(declared))
	for name, f := range declared {
		providers[name] = workerconfig.ConfigProvider{Class: f.text("class"), Parameters: f.strings("parameters")}
	}
	return providers
}

func securityFrom(f fields) *workerconfig.Security {
	if f == nil {
		return nil
	}
	security := &workerconfig.Security{
		Protocol:                        f.text("protocol"),
		SSLProtocol:                     f.text("ssl_protocol"),
		SSLEnabledProtocols:             f.list("ssl_enabled_protocols"),
		EndpointIdentificationAlgorithm: f.optional("ssl_endpoint_identification_algorithm"),
	}
	if sasl := f.object(attrSASL); sasl != nil {
		security.SASL = &workerconfig.SASL{
			Mechanism:  sasl.text("mechanism"),
			Username:   sasl.text("username"),
			Password:   sasl.password(),
			JAASConfig: sasl.text("jaas_config"),
		}
	}
	if store := f.object("truststore"); store != nil {
		security.TrustStore = &workerconfig.TrustStore{
			Type:         store.text("type"),
			Location:     store.text("location"),
			Password:     store.text("password"),
			Certificates: store.text("certificates"),
		}
	}
	if store := f.object("keystore"); store != nil {
		security.KeyStore = &workerconfig.KeyStore{
			Type:             store.text("type"),
			Location:         store.text("location"),
			Password:         store.text("password"),
			KeyPassword:      store.text("key_password"),
			CertificateChain: store.text("certificate_chain"),
			Key:              store.text("key"),
		}
	}
	return security
}

// password is the password of an `sasl` attribute, whichever way it is given.
func (f fields) password() string {
	switch {
	case !f.given(attrPasswordWO):
		return f.text(attrPassword)
	case f[attrPasswordWO].IsUnknown():
		return unknownPassword
	default:
		return f.text(attrPasswordWO)
	}
}

// writeOnly tells whether the configuration has a secret that must not be stored.
func (f fields) writeOnly() bool {
	return f.object(attrSecurity).object(attrSASL).given(attrPasswordWO)
}

// writeOnlyKnown tells whether it is known, if there is one.
func (f fields) writeOnlyKnown() bool {
	secret, ok := f.object(attrSecurity).object(attrSASL)[attrPasswordWO]
	return !ok || !secret.IsUnknown()
}

// rendering is the outcome for one worker.
type rendering struct {
	// file is what the worker is to read, secrets included.
	file string

	// What may be stored.
	content       string
	contentSHA256 string
	properties    map[string]string
	environment   map[string]string // nil where it cannot be expressed
}

// newRendering renders properties; with redact, only file has secrets.
func newRendering(properties workerconfig.Properties, redact bool) rendering {
	redacted := properties.Redacted(secretNote)
	digest := sha256.Sum256([]byte(redacted))
	shown := properties
	out := rendering{file: properties.Encode(), content: redacted, contentSHA256: hex.EncodeToString(digest[:])}
	if redact {
		shown = slices.DeleteFunc(slices.Clone(properties), func(p workerconfig.Property) bool { return p.Secret })
	} else {
		out.content = out.file
	}
	out.properties = shown.Map()
	out.environment, _ = workerconfig.Environment(shown) // the error is that of the function worker_environment
	return out
}

// renderAll renders every worker, by name. What is wrong is for validation to tell.
func (d declaration) renderAll(redact bool) map[string]rendering {
	all := make(map[string]rendering, len(d.workers))
	for _, worker := range d.workers {
		properties, _ := d.render(worker)
		all[worker] = newRendering(properties, redact)
	}
	return all
}

// workers are the names of the workers that differ; one empty name where all are alike.
func (f fields) workers() []string {
	if names := f.names(attrWorkers); len(names) > 0 {
		return names
	}
	return []string{""}
}

// place is where the file of a worker is, empty if it has none.
func (f fields) place(worker string) string {
	if worker != "" {
		f = f.objects(attrWorkers)[worker]
	}
	return f.text(attrPath)
}

// octalPermission is the value of file_permission, which the schema has checked.
func (f fields) octalPermission() string {
	if permission := f.text(attrFilePermission); permission != "" {
		return "0" + strings.TrimPrefix(permission, "0")
	}
	return "0600"
}

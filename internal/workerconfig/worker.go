package workerconfig

import (
	"slices"
)

// Worker has the settings that distributed and standalone workers share. An empty
// field is not rendered, so Kafka's default applies.
type Worker struct {
	// BootstrapServers are host:port addresses of brokers.
	BootstrapServers []string
	// KeyConverter and ValueConverter are the default classes that convert records to
	// bytes and back. Required.
	KeyConverter, ValueConverter string
	// HeaderConverter is the default class for the headers of records.
	HeaderConverter string
	// Place has the settings that can differ between workers.
	Place
	// Security is for the connections to brokers; nil means PLAINTEXT.
	Security *Security
	// ClientPrefixes are the clients of connectors to which Security applies, too. Nil
	// means all three: without them, connectors cannot connect to a secured cluster.
	ClientPrefixes []ClientPrefix
	// ConfigProviders resolve placeholders such as ${file:/run/secrets/kafka:password},
	// by provider name. The names file, directory and env need no entry.
	ConfigProviders map[string]ConfigProvider
	// Config has all other keys.
	Config map[string]string
}

// Place has the settings of the host on which a worker runs.
type Place struct {
	// PluginPath are the folders and archives from which the worker loads plugins.
	PluginPath []string
	// Listeners are the URLs of the REST API, http or https; Kafka's default is
	// http://:8083.
	Listeners []string
	// Other workers forward requests to AdvertisedHostName and AdvertisedPort, with the
	// scheme AdvertisedListener (http or https).
	AdvertisedHostName string
	AdvertisedPort     *int64
	AdvertisedListener string
	// ClientRack is the rack or zone of the worker. Sink connectors and the worker then
	// read from replicas in the same rack (KIP-392).
	ClientRack string
}

// withDefaults returns p with empty fields taken from shared.
func (p Place) withDefaults(shared Place) Place {
	if p.PluginPath == nil {
		p.PluginPath = shared.PluginPath
	}
	if p.Listeners == nil {
		p.Listeners = shared.Listeners
	}
	if p.AdvertisedHostName == "" {
		p.AdvertisedHostName = shared.AdvertisedHostName
	}
	if p.AdvertisedPort == nil {
		p.AdvertisedPort = shared.AdvertisedPort
	}
	if p.AdvertisedListener == "" {
		p.AdvertisedListener = shared.AdvertisedListener
	}
	if p.ClientRack == "" {
		p.ClientRack = shared.ClientRack
	}
	return p
}

// renderConnection renders the first lines of every worker.
func (w Worker) renderConnection(r *renderer) {
	r.list("bootstrap.servers", w.BootstrapServers, "bootstrap_servers")
	for _, server := range w.BootstrapServers {
		if !hasPlaceholder(server) && !endsInPort.MatchString(server) {
			r.problem(SeverityError, "bootstrap.servers", "every bootstrap server must have the form host:port", "bootstrap_servers")
			break
		}
	}
}

func (w Worker) renderConverters(r *renderer) {
	r.text("key.converter", w.KeyConverter, "key_converter")
	r.text("value.converter", w.ValueConverter, "value_converter")
	r.text("header.converter", w.HeaderConverter, "header_converter")
}

// render renders the settings. The path is the path of p, empty for the shared ones.
func (p Place) render(r *renderer, path ...string) {
	at := func(field string) []string { return append(slices.Clip(path), field) }
	r.list("plugin.path", p.PluginPath, at("plugin_path")...)
	r.list("listeners", p.Listeners, at("listeners")...)
	for _, listener := range p.Listeners {
		if !hasPlaceholder(listener) && !restListener.MatchString(listener) {
			r.problem(SeverityError, "listeners", "every listener must have the form http://host:port or https://host:port, with or without the host",
				at("listeners")...)
			break
		}
	}
	r.text("rest.advertised.host.name", p.AdvertisedHostName, at("advertised_host_name")...)
	r.number("rest.advertised.port", p.AdvertisedPort, at("advertised_port")...)
	r.text("rest.advertised.listener", p.AdvertisedListener, at("advertised_listener")...)
	// Without a prefix for the storage topics, with it for the consumers of sinks.
	r.text("client.rack", p.ClientRack, at("client_rack")...)
	r.text("consumer.client.rack", p.ClientRack, at("client_rack")...)
}

// renderRest renders the last lines: security, the keys without a typed setting, and
// the config providers, which depend on the placeholders in all other lines.
func (w Worker) renderRest(r *renderer) {
	w.renderSecurity(r)
	r.config(w.Config)
	w.renderConfigProviders(r)
	r.required()
}

// Standalone is the configuration of a standalone worker: a single process without
// group and internal topics.
type Standalone struct {
	Worker
	// OffsetStorageFile is the file in which the worker stores source offsets. Required.
	OffsetStorageFile string
}

// Properties returns the configuration of the worker. If a problem is an error, the
// properties are as complete as possible but must not be used.
func (s Standalone) Properties() (Properties, Problems) {
	r := newRenderer(ModeStandalone)
	s.renderConnection(r)
	r.text("offset.storage.file.filename", s.OffsetStorageFile, "offset_storage_file_filename")
	s.renderConverters(r)
	s.Place.render(r)
	s.renderRest(r)
	return r.properties, r.problems
}

package workerconfig

import "slices"

// Worker holds the settings that distributed and stand-alone workers have in
// common. Empty fields are not rendered, so that Kafka's default holds.
type Worker struct {
	// BootstrapServers are the brokers to begin with, as host:port.
	BootstrapServers []string
	// KeyConverter and ValueConverter are the classes that turn records to bytes and
	// back, unless a connector has its own. Required.
	KeyConverter, ValueConverter string
	// HeaderConverter is the class for the headers of records.
	HeaderConverter string
	// Place is what may differ from worker to worker.
	Place
	// Security is how to connect to the brokers; nil is PLAINTEXT.
	Security *Security
	// ClientPrefixes are the clients of connectors that get Security too. Nil stands
	// for all three: without them, connectors cannot reach a secured cluster.
	ClientPrefixes []ClientPrefix
	// ConfigProviders resolve placeholders such as ${file:/run/secrets/kafka:password},
	// by the name in them. Those named file, directory and env need no entry.
	ConfigProviders map[string]ConfigProvider
	// Config holds any other key.
	Config map[string]string
}

// Place is where a worker runs and how it is reached.
type Place struct {
	// PluginPath are the folders and archives in which the worker looks for plugins.
	PluginPath []string
	// Listeners are the URLs of the REST API, http or https; Kafka's default is
	// http://:8083.
	Listeners []string
	// AdvertisedHostName, AdvertisedPort and AdvertisedListener (http or https) are
	// what other workers use to forward requests to this one.
	AdvertisedHostName string
	AdvertisedPort     *int64
	AdvertisedListener string
	// ClientRack is the rack or zone of the worker, so that sinks and the worker read
	// from replicas nearby (KIP-392).
	ClientRack string
}

// over returns p with what is missing taken from shared.
func (p Place) over(shared Place) Place {
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

// renderConnection renders what every worker begins with.
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

// render renders the place; path leads to it, and is empty for what all workers
// share.
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
	// Bare for the storage topics, prefixed for the consumers of sinks.
	r.text("client.rack", p.ClientRack, at("client_rack")...)
	r.text("consumer.client.rack", p.ClientRack, at("client_rack")...)
}

// renderRest renders what comes last: security, the keys that have no field of
// their own, and the config providers that all these turned out to need.
func (w Worker) renderRest(r *renderer) {
	w.renderSecurity(r)
	r.config(w.Config)
	w.renderConfigProviders(r)
	r.required()
}

package stack

import (
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// writeWorkerProperties takes a port for the worker and writes its properties file.
func (s *Stack) writeWorkerProperties(w *Worker, o WorkerOptions) (file string, err error) {
	port, err := s.ports.take()
	if err != nil {
		return "", err
	}
	scheme := "http"
	if o.RESTScheme != HTTP {
		scheme = "https"
	}
	w.URL = fmt.Sprintf("%s://%s:%d", scheme, loopback, port)
	p := s.workerProperties()
	maps.Copy(p, s.restProperties(w.URL, o))
	if o.Standalone {
		p["offset.storage.file.filename"] = filepath.Join(w.Folder, "offsets")
	} else {
		maps.Copy(p, s.groupProperties(o.GroupID))
	}
	maps.Copy(p, s.Options.WorkerProperties)
	maps.Copy(p, o.Properties)
	if p["plugin.path"] == "" && p["plugin.discovery"] == "" {
		// All plugins on the class path have manifests (KIP-898). A scan for other plugins would double the time of a start.
		p["plugin.discovery"] = "service_load"
	}
	file = filepath.Join(w.Folder, "worker.properties")
	return file, writeProperties(file, p)
}

// workerProperties returns the properties that distributed and stand-alone workers share.
func (s *Stack) workerProperties() map[string]string {
	p := map[string]string{
		"bootstrap.servers": s.Bootstrap(),

		// Tests and the demo move lines between files.
		"key.converter":            "org.apache.kafka.connect.storage.StringConverter",
		"value.converter":          "org.apache.kafka.connect.storage.StringConverter",
		"offset.flush.interval.ms": "1000",

		// By default (since 3.0) the group waits 45 seconds until another task reads the partitions of a killed sink task.
		"consumer.session.timeout.ms": "10000",

		"connector.client.config.override.policy": "All",
		"config.providers":                        "file",
		"config.providers.file.class":             "org.apache.kafka.common.config.provider.FileConfigProvider",
	}
	if len(s.Options.PluginPath) > 0 {
		p["plugin.path"] = strings.Join(s.Options.PluginPath, ",")
	}
	return p
}

// restProperties returns the properties of the REST API.
func (s *Stack) restProperties(listener string, o WorkerOptions) map[string]string {
	p := map[string]string{
		"listeners":                 listener,
		"rest.advertised.host.name": loopback,
	}
	if o.RESTScheme != HTTP {
		p["rest.advertised.listener"] = "https"
		for key, value := range s.Certificates.serverProperties() {
			p["listeners.https."+key] = value
		}
	}
	if o.RESTScheme == MutualTLS {
		p["listeners.https.ssl.client.auth"] = "required"
	}
	if o.RESTUser.Name != "" {
		p["rest.extension.classes"] = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"
	}
	return p
}

// groupProperties returns the properties that workers of a group share.
func (s *Stack) groupProperties(group string) map[string]string {
	replicas := strconv.Itoa(min(3, s.Options.Brokers))
	return map[string]string{
		"group.id":                          group,
		"offset.storage.topic":              group + "-offsets",
		"config.storage.topic":              group + "-configs",
		"status.storage.topic":              group + "-status",
		"offset.storage.replication.factor": replicas,
		"config.storage.replication.factor": replicas,
		"status.storage.replication.factor": replicas,

		// By default the group waits five minutes before other workers take over the connectors of a lost worker.
		"scheduled.rebalance.max.delay.ms": "1000",
	}
}

// listenerURL returns the URL of the first listener in a worker's properties file.
func listenerURL(file string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	properties, err := workerconfig.Decode(string(text))
	if err != nil {
		return "", err
	}
	listeners, ok := properties["listeners"]
	if !ok {
		listeners = "http://:8083"
	}
	first, _, _ := strings.Cut(listeners, ",")
	u, err := url.Parse(strings.TrimSpace(first))
	if err != nil {
		return "", fmt.Errorf("listeners: %w", err)
	}
	if host := u.Hostname(); host == "" || host == "0.0.0.0" {
		u.Host = loopback + ":" + u.Port()
	}
	return strings.ToLower(u.Scheme) + "://" + u.Host, nil
}

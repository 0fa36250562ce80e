package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/magiconair/properties"
)

// Worker is a Kafka Connect worker.
type Worker struct {
	Process

	URL string `json:"url"` // of its REST API, without a slash at the end

	client *http.Client
	user   User
}

// WorkerOptions describes one more worker. The zero value is one like those that the stack started with.
type WorkerOptions struct {
	Version string // default [Options.WorkerVersion]

	// Standalone makes it a stand-alone worker, which keeps its offsets in a file of its own.
	Standalone bool

	// Connectors are property files of connectors that a stand-alone worker starts with.
	Connectors []string

	// Properties add to, or override, what the stack sets itself.
	Properties map[string]string

	// PropertiesFile, when set, is all that the worker gets: nothing is added, and Properties are not read. Its
	// "listeners" tells where the REST API is; see [Stack.FreePort].
	PropertiesFile string
}

// newWorker reserves the worker's port and writes its files.
func (s *Stack) newWorker(ctx context.Context, o WorkerOptions) (*Worker, error) {
	setDefault(&o.Version, s.Options.WorkerVersion)
	jars, err := install(ctx, workerComponent, o.Version, s.Options.Log)
	if err != nil {
		return nil, err
	}
	process, err := s.newProcess(fmt.Sprintf("worker-%d", len(s.Workers)))
	if err != nil {
		return nil, err
	}
	w := &Worker{Process: process}
	file := o.PropertiesFile
	if file == "" {
		file, err = s.writeWorkerProperties(w, o)
	} else {
		w.URL, err = listenerURL(file)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Name, err)
	}
	class, arguments := "org.apache.kafka.connect.cli.ConnectDistributed", []string{file}
	if o.Standalone {
		class, arguments = "org.apache.kafka.connect.cli.ConnectStandalone", append(arguments, o.Connectors...)
	}
	w.Command, err = s.javaCommand(jars, "384m", class, arguments...)
	if err != nil {
		return nil, err
	}
	s.Workers = append(s.Workers, w)
	return w, s.wireWorker(w)
}

// writeWorkerProperties gives the worker a port and writes its properties file.
func (s *Stack) writeWorkerProperties(w *Worker, o WorkerOptions) (file string, err error) {
	port, err := s.ports.take()
	if err != nil {
		return "", err
	}
	scheme := "http"
	if s.Options.RESTScheme != HTTP {
		scheme = "https"
	}
	w.URL = fmt.Sprintf("%s://%s:%d", scheme, loopback, port)
	p := s.workerProperties(w)
	if o.Standalone {
		p["offset.storage.file.filename"] = filepath.Join(w.Folder, "offsets")
	} else {
		maps.Copy(p, s.groupProperties())
	}
	maps.Copy(p, s.Options.WorkerProperties)
	maps.Copy(p, o.Properties)
	file = filepath.Join(w.Folder, "worker.properties")
	return file, writeProperties(file, p)
}

// workerProperties are those of distributed and stand-alone workers alike.
func (s *Stack) workerProperties(w *Worker) map[string]string {
	p := map[string]string{
		"bootstrap.servers":         s.Bootstrap(),
		"listeners":                 w.URL,
		"rest.advertised.host.name": loopback,

		// Tests and the demo move lines between files.
		"key.converter":            "org.apache.kafka.connect.storage.StringConverter",
		"value.converter":          "org.apache.kafka.connect.storage.StringConverter",
		"offset.flush.interval.ms": "1000",

		"connector.client.config.override.policy": "All",
		"config.providers":                        "file",
		"config.providers.file.class":             "org.apache.kafka.common.config.provider.FileConfigProvider",
	}
	if len(s.Options.PluginPath) > 0 {
		p["plugin.path"] = strings.Join(s.Options.PluginPath, ",")
	}
	if s.Options.RESTScheme != HTTP {
		p["rest.advertised.listener"] = "https"
		for key, value := range s.Certificates.serverProperties() {
			p["listeners.https."+key] = value
		}
	}
	if s.Options.RESTScheme == MutualTLS {
		p["listeners.https.ssl.client.auth"] = "required"
	}
	if s.Options.RESTUser.Name != "" {
		p["rest.extension.classes"] = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"
	}
	return p
}

// groupProperties are those that make the workers of the stack one group.
func (s *Stack) groupProperties() map[string]string {
	group, replicas := s.Options.GroupID, strconv.Itoa(min(3, s.Options.Brokers))
	return map[string]string{
		"group.id":                          group,
		"offset.storage.topic":              group + "-offsets",
		"config.storage.topic":              group + "-configs",
		"status.storage.topic":              group + "-status",
		"offset.storage.replication.factor": replicas,
		"config.storage.replication.factor": replicas,
		"status.storage.replication.factor": replicas,

		// Five minutes by default, in which nobody takes over what a worker that went down has left.
		"scheduled.rebalance.max.delay.ms": "1000",
	}
}

// wireWorker gives the worker what it needs to be asked for readiness.
func (s *Stack) wireWorker(w *Worker) error {
	config, err := s.Certificates.ClientConfig()
	if err != nil {
		return err
	}
	w.client = &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}, Timeout: 5 * time.Second}
	w.ready, w.user = w.ping, s.Options.RESTUser
	return nil
}

// listenerURL returns the URL of the first listener in a worker's properties file.
func listenerURL(file string) (string, error) {
	loader := properties.Loader{Encoding: properties.ISO_8859_1, DisableExpansion: true}
	p, err := loader.LoadFile(file)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(p.GetString("listeners", "http://:8083"), ",")
	u, err := url.Parse(strings.TrimSpace(first))
	if err != nil {
		return "", fmt.Errorf("listeners: %w", err)
	}
	if host := u.Hostname(); host == "" || host == "0.0.0.0" {
		u.Host = loopback + ":" + u.Port()
	}
	return strings.ToLower(u.Scheme) + "://" + u.Host, nil
}

// ping succeeds when the REST API serves requests about connectors. A worker that is starting answers some, but these with
// a 404 of the web server.
func (w *Worker) ping(ctx context.Context) error {
	var root struct {
		Version string `json:"version"`
	}
	if err := w.get(ctx, "/", &root); err != nil {
		return err
	}
	var connectors []string
	return w.get(ctx, "/connectors", &connectors)
}

// get decodes the JSON that the REST API answers at the path.
func (w *Worker) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.URL+path, nil)
	if err != nil {
		return err
	}
	if w.user.Name != "" {
		req.SetBasicAuth(w.user.Name, w.user.Password)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		io.Copy(io.Discard, resp.Body)
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Worker is a Kafka Connect worker.
type Worker struct {
	Process

	URL string `json:"url"` // of its REST API, without a trailing slash

	client *http.Client
	user   User
}

// WorkerOptions describes an additional worker. The zero value describes a worker like those of the stack.
type WorkerOptions struct {
	Version    string     // default [Options.WorkerVersion]
	GroupID    string     // default [Options.GroupID], which makes it join the other workers
	RESTScheme RESTScheme // default [Options.RESTScheme]
	RESTUser   User       // default [Options.RESTUser]

	// Standalone starts a standalone worker, which keeps its offsets in a file.
	Standalone bool

	// Connectors are the properties files of the connectors that a standalone worker starts.
	Connectors []string

	// Properties extend or override the properties that the stack sets and [Options.WorkerProperties].
	Properties map[string]string

	// PropertiesFile, if set, is the worker's properties file. The stack adds nothing to it, and ignores Properties. The
	// first listener in it is the address of the REST API; [Stack.FreePort] provides a port.
	PropertiesFile string
}

// newWorker creates a worker with its folder, port and files. Its version must be installed.
func (s *Stack) newWorker(name string, o WorkerOptions) (*Worker, error) {
	setDefault(&o.Version, s.Options.WorkerVersion)
	setDefault(&o.GroupID, s.Options.GroupID)
	setDefault(&o.RESTScheme, s.Options.RESTScheme)
	setDefault(&o.RESTUser, s.Options.RESTUser)
	process, err := s.newProcess(name)
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
	options, err := restLogin(w.Folder, o.RESTUser)
	if err != nil {
		return nil, err
	}
	if o.RESTScheme != HTTP {
		options = append(options, "-Dstack.pem="+s.Certificates.ServerFile, "-Dstack.store="+w.storeFile(), "-Dstack.password="+storePassword)
	}
	jars, err := installFolder(workerComponent, o.Version)
	if err != nil {
		return nil, err
	}
	main, err := workerMainFolder(o.Version)
	if err != nil {
		return nil, err
	}
	arguments := []string{"org.apache.kafka.connect.cli.ConnectDistributed", file}
	if o.Standalone {
		arguments = append([]string{"org.apache.kafka.connect.cli.ConnectStandalone", file}, o.Connectors...)
	}
	path := main + string(os.PathListSeparator) + classPath(jars)
	w.Command, err = s.javaCommand("384m", append(options, "-cp", path, workerMain), arguments)
	if err != nil {
		return nil, err
	}
	return w, s.connect(w, o.RESTUser)
}

// storePassword protects the stores of workers, which hold a key for tests only.
const storePassword = "stack-store"

// storeFile returns the PKCS#12 store of the REST API. The worker writes it when it starts, see StackWorker.
func (w *Worker) storeFile() string { return filepath.Join(w.Folder, "server.p12") }

// connect sets the HTTP client with which ping asks the worker whether it is ready.
func (s *Stack) connect(w *Worker, u User) error {
	config, err := s.Certificates.ClientConfig()
	if err != nil {
		return err
	}
	// A connection of the worker's previous run would fail the first request after the next start.
	w.client = &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	w.user, w.ready = u, w.ping
	return nil
}

// ping succeeds when the REST API serves /connectors. A worker that is still starting serves / but answers /connectors with
// a 404 of its web server.
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

// get sends GET to the path and decodes the JSON answer.
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
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

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
	maps.Copy(p, s.restProperties(w, o))
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

// workerProperties returns the properties that distributed and standalone workers share.
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
func (s *Stack) restProperties(w *Worker, o WorkerOptions) map[string]string {
	p := map[string]string{
		"listeners":                 w.URL,
		"rest.advertised.host.name": loopback,
	}
	if o.RESTScheme != HTTP {
		p["rest.advertised.listener"] = "https"
		for _, store := range []string{"keystore", "truststore"} {
			p["listeners.https.ssl."+store+".type"] = "PKCS12"
			p["listeners.https.ssl."+store+".location"] = w.storeFile()
			p["listeners.https.ssl."+store+".password"] = storePassword
		}
		p["listeners.https.ssl.key.password"] = storePassword
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
	properties, err := javaformat.DecodeProperties(string(text))
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

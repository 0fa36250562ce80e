package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
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

	// Standalone starts a stand-alone worker, which keeps its offsets in a file.
	Standalone bool

	// Connectors are the properties files of the connectors that a stand-alone worker starts.
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
	login, err := restLogin(w.Folder, o.RESTUser)
	if err != nil {
		return nil, err
	}
	jars, err := installFolder(workerComponent, o.Version)
	if err != nil {
		return nil, err
	}
	main, err := workerMainFolder()
	if err != nil {
		return nil, err
	}
	arguments := []string{"org.apache.kafka.connect.cli.ConnectDistributed", file}
	if o.Standalone {
		arguments = append([]string{"org.apache.kafka.connect.cli.ConnectStandalone", file}, o.Connectors...)
	}
	path := main + string(os.PathListSeparator) + classPath(jars)
	w.Command, err = s.javaCommand("384m", append(login, "-cp", path, workerMain), arguments)
	if err != nil {
		return nil, err
	}
	return w, s.connect(w, o.RESTUser)
}

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

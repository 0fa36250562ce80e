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

	URL string `json:"url"` // of its REST API, without a slash at the end

	client *http.Client
	user   User
}

// WorkerOptions describes one more worker. The zero value is one like those that the stack started with.
type WorkerOptions struct {
	Version    string     // default [Options.WorkerVersion]
	GroupID    string     // default [Options.GroupID], so that it joins the other workers
	RESTScheme RESTScheme // default [Options.RESTScheme]
	RESTUser   User       // default [Options.RESTUser]

	// Standalone makes it a stand-alone worker, which keeps its offsets in a file of its own.
	Standalone bool

	// Connectors are property files of connectors that a stand-alone worker starts with.
	Connectors []string

	// Properties add to, or override, what the stack sets itself and [Options.WorkerProperties].
	Properties map[string]string

	// PropertiesFile, when set, is all that the worker gets: nothing is added, and neither is Properties read. Its
	// first listener tells where the REST API is; see [Stack.FreePort] for a port.
	PropertiesFile string
}

// newWorker makes a worker with its folder, port and files. What it runs on must be installed by then.
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

// connect gives the worker what it takes to be asked for readiness.
func (s *Stack) connect(w *Worker, u User) error {
	config, err := s.Certificates.ClientConfig()
	if err != nil {
		return err
	}
	// A connection that outlived its worker would be in the way of the next start.
	w.client = &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
	w.user, w.ready = u, w.ping
	return nil
}

// ping succeeds when the REST API serves requests about connectors. A worker that is starting answers some, but these with
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
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

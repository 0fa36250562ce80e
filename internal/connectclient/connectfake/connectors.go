package connectfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The message for a connector that does not exist depends on the endpoint.
const (
	notFound       = "Connector %s not found"
	unknown        = "Unknown connector %s"
	unknownRestart = "Unknown connector: %s"
)

// maxRequest is the default of max.request.size, which bounds the records that a worker writes.
const maxRequest = 1 << 20

// notWritten returns the answer to a write that the worker's producer refuses. A worker 2.8.2 does not notice: it answers as if
// the connector were stored. 3.5.2 does.
func (c *cluster) notWritten(k *connector) (answer, error) {
	if !c.since(3, 5) {
		return answer{http.StatusCreated, c.info(k)}, nil
	}
	return answer{}, failure{http.StatusInternalServerError, "Error writing connector configuration to Kafka"}
}

// collection handles /connectors.
func (w *Worker) collection(r *http.Request, body []byte) (answer, error) {
	switch r.Method {
	case http.MethodGet:
		if expand, ok := r.URL.Query()["expand"]; ok {
			return answer{http.StatusOK, w.expanded(expand)}, nil
		}
		return answer{http.StatusOK, slices.AppendSeq([]string{}, maps.Keys(w.cluster.connectors))}, nil
	case http.MethodPost:
		return w.cluster.post(body)
	}
	return answer{}, errMethod
}

// expanded lists the connectors with the requested parts. Like a real worker, it leaves out a connector whose status is
// requested and does not exist yet.
func (w *Worker) expanded(what []string) map[string]any {
	all := map[string]any{}
	for name, k := range w.cluster.connectors {
		one := map[string]any{}
		if slices.Contains(what, "info") {
			one["info"] = w.cluster.info(k)
		}
		if slices.Contains(what, "status") {
			status, err := w.status(name)
			if err != nil {
				continue
			}
			one["status"] = status
		}
		all[name] = one
	}
	return all
}

func (c *cluster) post(body []byte) (answer, error) {
	if err := c.checkFields(body); err != nil {
		return answer{}, err
	}
	var request struct {
		Name         string         `json:"name"`
		Config       map[string]any `json:"config"`
		InitialState *string        `json:"initial_state"`
	}
	if err := decode(body, &request); err != nil {
		return answer{}, err
	}
	target := "RUNNING"
	if request.InitialState != nil {
		target = strings.ToUpper(*request.InitialState)
	}
	name := strings.TrimSpace(request.Name)
	config, err := c.accept(name, request.Config)
	if err != nil {
		return answer{}, err
	}
	if _, exists := c.connectors[name]; exists {
		return answer{}, failure{http.StatusConflict, fmt.Sprintf("Connector %s already exists", name)}
	}
	if len(body) > maxRequest {
		return c.notWritten(&connector{name: name, config: config})
	}
	return answer{http.StatusCreated, c.info(c.create(name, config, target))}, nil
}

// checkFields rejects fields that this version does not support in a creation.
func (c *cluster) checkFields(body []byte) error {
	fields := map[string]any{}
	if err := decode(body, &fields); err != nil {
		return err
	}
	known := []string{"name", "config"}
	if c.since(3, 7) {
		known = append(known, "initial_state")
	}
	for field := range fields {
		if !slices.Contains(known, field) {
			return failure{http.StatusInternalServerError, fmt.Sprintf(
				"Unrecognized field %q (class org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest), "+
					"not marked as ignorable (%d known properties: %q])", field, len(known), known)}
		}
	}
	return nil
}

// put handles PUT /connectors/{name}/config.
func (c *cluster) put(name string, body []byte) (answer, error) {
	given := map[string]any{}
	if err := decode(body, &given); err != nil {
		return answer{}, err
	}
	config, err := c.accept(name, given)
	if err != nil {
		return answer{}, err
	}
	if len(body) > maxRequest {
		return c.notWritten(&connector{name: name, config: config})
	}
	k, exists := c.connectors[name]
	if !exists {
		return answer{http.StatusCreated, c.info(c.create(name, config, "RUNNING"))}, nil
	}
	c.configure(k, config)
	return answer{http.StatusOK, c.info(k)}, nil
}

// accept returns a configuration as it is stored, or the error of an invalid one.
func (c *cluster) accept(name string, given map[string]any) (map[string]*string, error) {
	config := stringsOf(given)
	if other, ok := config["name"]; ok && text(other) != name {
		return nil, failure{http.StatusBadRequest, fmt.Sprintf(
			"Connector name configuration (%s) doesn't match connector name in the URL (%s)", text(other), name)}
	}
	config["name"] = &name
	class := text(config["connector.class"])
	if class == "" {
		return nil, failure{http.StatusBadRequest, "Connector config " + printed(config) + " contains no connector type"}
	}
	p, ok := c.find(class)
	if !ok {
		status := http.StatusBadRequest
		if !c.since(4, 0) {
			status = http.StatusInternalServerError
		}
		return nil, failure{status, c.unknownClass(class)}
	}
	if errs := c.validate(p, config); len(errs) > 0 {
		return nil, failure{http.StatusBadRequest, refusal(p, errs)}
	}
	return config, nil
}

// member handles /connectors/{name} and the paths below.
func (w *Worker) member(r *http.Request, name, below string, body []byte) (answer, error) {
	c := w.cluster
	switch r.Method + " " + below {
	case "PUT config":
		return c.put(name, body)
	case "GET status":
		status, err := w.status(name)
		return answer{http.StatusOK, status}, err
	case "POST restart":
		return w.restart(r, name)
	case "PUT pause", "PUT resume":
		return c.transition(name, below, http.StatusAccepted)
	case "PUT stop":
		if !c.since(3, 5) {
			return answer{}, errNoEndpoint
		}
		return c.transition(name, below, http.StatusNoContent)
	case "GET topics":
		return c.activeTopics(name)
	case "GET ", "GET config", "GET tasks", "DELETE ":
		return c.plain(r.Method, name, below)
	}
	if below == "offsets" {
		return c.offsetsOf(r.Method, name, body)
	}
	if id, ok := taskRestart(r.Method, below); ok {
		return c.restartTask(name, id)
	}
	return answer{}, errNoEndpoint
}

// activeTopics handles GET /connectors/{name}/topics. An unknown connector has none.
func (c *cluster) activeTopics(name string) (answer, error) {
	if c.untracked {
		return answer{}, failure{http.StatusForbidden, "Topic tracking is disabled."}
	}
	topics := []string{}
	if k, ok := c.connectors[name]; ok {
		topics = append(topics, k.topics...)
	}
	return answer{http.StatusOK, map[string]any{name: map[string]any{"topics": topics}}}, nil
}

// plain handles GET and DELETE of a connector, and GET of its configuration and tasks.
func (c *cluster) plain(method, name, below string) (answer, error) {
	k, err := c.named(name, notFound)
	switch {
	case err != nil:
		return answer{}, err
	case method == http.MethodDelete:
		delete(c.connectors, name)
		return answer{status: http.StatusNoContent}, nil
	case below == "config":
		return answer{http.StatusOK, c.shown(k.config)}, nil
	case below == "tasks":
		return answer{http.StatusOK, c.taskConfigs(k)}, nil
	}
	return answer{http.StatusOK, c.info(k)}, nil
}

// named returns a connector, or an error with its name.
func (c *cluster) named(name, message string) (*connector, error) {
	k, ok := c.connectors[name]
	if !ok {
		return nil, failure{http.StatusNotFound, fmt.Sprintf(message, name)}
	}
	return k, nil
}

// transition pauses, resumes or stops.
func (c *cluster) transition(name, verb string, status int) (answer, error) {
	k, err := c.named(name, unknown)
	if err != nil {
		return answer{}, err
	}
	c.setTarget(k, map[string]string{"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}[verb])
	return answer{status: status}, nil
}

func (w *Worker) restart(r *http.Request, name string) (answer, error) {
	k, err := w.cluster.named(name, unknownRestart)
	if err != nil {
		return answer{}, err
	}
	tasks, onlyFailed := r.URL.Query().Get("includeTasks") == "true", r.URL.Query().Get("onlyFailed") == "true"
	if !w.cluster.since(3, 0) || !tasks && !onlyFailed {
		w.cluster.restart(k, false, false)
		return answer{status: http.StatusNoContent}, nil
	}
	w.cluster.restart(k, tasks, onlyFailed)
	status, err := w.status(name)
	return answer{http.StatusAccepted, status}, err
}

// taskRestart parses "tasks/{id}/restart".
func taskRestart(method, below string) (int, bool) {
	parts := strings.Split(below, "/")
	if method != http.MethodPost || len(parts) != 3 || parts[0] != "tasks" || parts[2] != "restart" {
		return 0, false
	}
	id, err := strconv.Atoi(parts[1])
	return id, err == nil
}

func (c *cluster) restartTask(name string, id int) (answer, error) {
	k, err := c.named(name, unknownRestart)
	if err != nil {
		return answer{}, err
	}
	if id >= len(k.tasks) {
		return answer{}, failure{http.StatusNotFound, fmt.Sprintf("Unknown task: %s-%d", name, id)}
	}
	k.tasks[id] = c.runTask(k)
	k.publish()
	return answer{status: http.StatusNoContent}, nil
}

// info returns a connector in the form of the REST API.
func (c *cluster) info(k *connector) map[string]any {
	return map[string]any{"name": k.name, "type": c.kind(k), "config": c.shown(k.config), "tasks": k.taskIDs()}
}

// taskConfigs returns the configurations of the tasks. These connectors pass all their keys to their tasks.
func (c *cluster) taskConfigs(k *connector) []map[string]any {
	tasks := []map[string]any{}
	for _, id := range k.taskIDs() {
		tasks = append(tasks, map[string]any{"id": id, "config": c.shown(k.given)})
	}
	return tasks
}

func (k *connector) taskIDs() []map[string]any {
	ids := []map[string]any{}
	for i := range k.tasks {
		ids = append(ids, map[string]any{"connector": k.name, "task": i})
	}
	return ids
}

func (c *cluster) kind(k *connector) string {
	p, _ := c.find(text(k.config["connector.class"]))
	return p.kind
}

// shown returns a configuration with masked values.
func (c *cluster) shown(config map[string]*string) map[string]*string {
	config = maps.Clone(config)
	for name := range config {
		if mask, ok := c.masked[name]; ok {
			config[name] = new(mask)
		}
	}
	return config
}

// status returns a connector's status, or an error if there is none yet.
func (w *Worker) status(name string) (map[string]any, error) {
	missing := failure{http.StatusNotFound, "No status found for connector " + name}
	k, ok := w.cluster.connectors[name]
	if !ok {
		return nil, missing
	}
	seen, ok := k.reported(w.cluster.lag)
	if !ok {
		return nil, missing
	}
	tasks := []map[string]any{}
	for i, t := range seen.tasks {
		part := w.part(t.state, t.trace)
		part["id"] = i
		tasks = append(tasks, part)
	}
	return map[string]any{
		"name": name, "type": w.cluster.kind(k), "connector": w.part(seen.state, seen.trace), "tasks": tasks,
	}, nil
}

// part returns the status of a connector or a task.
func (w *Worker) part(state, trace string) map[string]any {
	part := map[string]any{"state": state, "worker_id": w.cluster.address}
	if w.cluster.since(4, 1) {
		part["version"] = w.cluster.version
	}
	if trace != "" {
		part["trace"] = trace
	}
	return part
}

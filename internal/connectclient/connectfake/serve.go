package connectfake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// failure is an answer that is an error.
type failure struct {
	status  int
	message string
}

// answer is a status and what goes out as JSON, nil for nothing.
type answer struct {
	status int
	body   any
}

var noEndpoint = failure{http.StatusNotFound, "HTTP 404 Not Found"}

// serve carries a request out, one at a time, as the herder of a real cluster does.
func (w *Worker) serve(rw http.ResponseWriter, r *http.Request) {
	c := w.cluster
	if c.allowed != nil && !c.allowed(r) {
		writeError(rw, http.StatusUnauthorized, "User cannot access the resource.")
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
		writeError(rw, http.StatusUnsupportedMediaType, "HTTP 415 Unsupported Media Type")
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() {
		switch failed := recover().(type) {
		case nil:
		case failure:
			writeError(rw, failed.status, failed.message)
		default:
			panic(failed)
		}
	}()
	switch a := w.route(r, segments(r.URL), body); {
	case a.body == nil:
		rw.WriteHeader(a.status)
	default:
		writeJSON(rw, a.status, a.body)
	}
}

// segments returns the unescaped parts of a path.
func segments(u *url.URL) []string {
	var parts []string
	for part := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		if plain, err := url.PathUnescape(part); err == nil && plain != "" {
			parts = append(parts, plain)
		}
	}
	return parts
}

func (w *Worker) route(r *http.Request, path []string, body []byte) answer {
	c := w.cluster
	if len(path) == 0 {
		return answer{http.StatusOK, map[string]string{
			"version": c.version, "commit": "fake", "kafka_cluster_id": "connectfake",
		}}
	}
	switch path[0] {
	case "connectors":
		if len(path) == 1 {
			return c.collection(r, body)
		}
		return w.member(r, path[1], strings.Join(path[2:], "/"), body)
	case "connector-plugins":
		return c.plugins(r, path[1:], body)
	}
	panic(noEndpoint)
}

// collection answers for /connectors.
func (c *cluster) collection(r *http.Request, body []byte) answer {
	switch r.Method {
	case http.MethodGet:
		names := []string{}
		for name := range c.connectors {
			names = append(names, name)
		}
		return answer{http.StatusOK, names}
	case http.MethodPost:
		return c.post(body)
	}
	panic(failure{http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed"})
}

func (c *cluster) post(body []byte) answer {
	var request struct {
		Name         string         `json:"name"`
		Config       map[string]any `json:"config"`
		InitialState *string        `json:"initial_state"`
	}
	decode(body, &request)
	target := "RUNNING"
	if request.InitialState != nil {
		if !c.since(3, 7) {
			panic(failure{http.StatusInternalServerError, `Unrecognized field "initial_state" (class ` +
				`org.apache.kafka.connect.runtime.rest.entities.CreateConnectorRequest), not marked as ignorable ` +
				`(2 known properties: "config", "name"])`})
		}
		target = strings.ToUpper(*request.InitialState)
	}
	name := strings.TrimSpace(request.Name)
	config := c.accept(name, stringsOf(request.Config))
	if _, exists := c.connectors[name]; exists {
		panic(failure{http.StatusConflict, fmt.Sprintf("Connector %s already exists", name)})
	}
	return answer{http.StatusCreated, c.info(c.create(name, config, target))}
}

// accept returns a configuration as it is stored, or fails with what is wrong with it.
func (c *cluster) accept(name string, config map[string]*string) map[string]*string {
	if given, ok := config["name"]; ok && text(given) != name {
		panic(failure{http.StatusBadRequest, fmt.Sprintf(
			"Connector name configuration (%s) doesn't match connector name in the URL (%s)", text(given), name)})
	}
	config["name"] = &name
	class := text(config["connector.class"])
	if class == "" {
		panic(failure{http.StatusBadRequest, "Connector config " + printed(config) + " contains no connector type"})
	}
	p, ok := find(class)
	if !ok {
		status := http.StatusBadRequest
		if !c.since(4, 0) {
			status = http.StatusInternalServerError
		}
		panic(failure{status, unknownClass(class)})
	}
	if errs := p.validate(config); len(errs) > 0 {
		panic(failure{http.StatusBadRequest, refusal(p, errs)})
	}
	return config
}

// member answers for /connectors/{name} and what is below it.
func (w *Worker) member(r *http.Request, name, below string, body []byte) answer {
	c := w.cluster
	k, exists := c.connectors[name]
	switch r.Method + " " + below {
	case "GET ":
		return answer{http.StatusOK, c.info(c.named(name, "Connector %s not found"))}
	case "DELETE ":
		c.named(name, "Connector %s not found")
		delete(c.connectors, name)
		return answer{status: http.StatusNoContent}
	case "GET config":
		return answer{http.StatusOK, c.shown(c.named(name, "Connector %s not found"))}
	case "PUT config":
		config := map[string]any{}
		decode(body, &config)
		accepted := c.accept(name, stringsOf(config))
		if !exists {
			return answer{http.StatusCreated, c.info(c.create(name, accepted, "RUNNING"))}
		}
		c.configure(k, accepted)
		return answer{http.StatusOK, c.info(k)}
	case "GET status":
		return answer{http.StatusOK, w.status(name)}
	case "PUT pause", "PUT resume", "PUT stop":
		return c.transition(name, below)
	case "POST restart":
		return w.restart(r, name)
	}
	if id, ok := taskRestart(r.Method, below); ok {
		return c.restartTask(name, id)
	}
	panic(noEndpoint)
}

// named returns a connector, or fails with a message that names it.
func (c *cluster) named(name, message string) *connector {
	k, ok := c.connectors[name]
	if !ok {
		panic(failure{http.StatusNotFound, fmt.Sprintf(message, name)})
	}
	return k
}

// transition pauses, resumes or stops.
func (c *cluster) transition(name, verb string) answer {
	if verb == "stop" && !c.since(3, 5) {
		panic(noEndpoint)
	}
	k := c.named(name, "Unknown connector %s")
	c.setTarget(k, map[string]string{"pause": "PAUSED", "resume": "RUNNING", "stop": "STOPPED"}[verb])
	if verb == "stop" {
		return answer{status: http.StatusNoContent}
	}
	return answer{status: http.StatusAccepted}
}

func (w *Worker) restart(r *http.Request, name string) answer {
	k := w.cluster.named(name, "Unknown connector: %s")
	tasks, onlyFailed := r.URL.Query().Get("includeTasks") == "true", r.URL.Query().Get("onlyFailed") == "true"
	if !w.cluster.since(3, 0) || !tasks && !onlyFailed {
		w.cluster.restart(k, false, false)
		return answer{status: http.StatusNoContent}
	}
	w.cluster.restart(k, tasks, onlyFailed)
	return answer{http.StatusAccepted, w.status(name)}
}

// taskRestart reads "tasks/{id}/restart".
func taskRestart(method, below string) (int, bool) {
	parts := strings.Split(below, "/")
	if method != http.MethodPost || len(parts) != 3 || parts[0] != "tasks" || parts[2] != "restart" {
		return 0, false
	}
	id, err := strconv.Atoi(parts[1])
	return id, err == nil
}

func (c *cluster) restartTask(name string, id int) answer {
	k := c.named(name, "Unknown connector: %s")
	if id >= len(k.tasks) {
		panic(failure{http.StatusNotFound, fmt.Sprintf("Unknown task: %s-%d", name, id)})
	}
	k.tasks[id] = c.runTask(k)
	k.publish()
	return answer{status: http.StatusNoContent}
}

// info is a connector as workers show it.
func (c *cluster) info(k *connector) map[string]any {
	tasks := []map[string]any{}
	for i := range k.tasks {
		tasks = append(tasks, map[string]any{"connector": k.name, "task": i})
	}
	return map[string]any{"name": k.name, "type": kind(k), "config": c.shown(k), "tasks": tasks}
}

func kind(k *connector) string {
	p, _ := find(text(k.config["connector.class"]))
	return p.kind
}

// shown is a configuration as workers show it.
func (c *cluster) shown(k *connector) map[string]*string {
	config := map[string]*string{}
	for name, given := range k.config {
		if c.masked[name] {
			given = value("****")
		}
		config[name] = given
	}
	return config
}

// status is a connector's status, or fails if there is none yet.
func (w *Worker) status(name string) map[string]any {
	missing := failure{http.StatusNotFound, "No status found for connector " + name}
	k, ok := w.cluster.connectors[name]
	if !ok {
		panic(missing)
	}
	seen, ok := k.reported(w.cluster.lag)
	if !ok {
		panic(missing)
	}
	tasks := []map[string]any{}
	for i, t := range seen.tasks {
		part := w.part(t.state, t.trace)
		part["id"] = i
		tasks = append(tasks, part)
	}
	return map[string]any{"name": name, "type": kind(k), "connector": w.part(seen.state, seen.trace), "tasks": tasks}
}

// part is the status of a connector or a task.
func (w *Worker) part(state, trace string) map[string]any {
	part := map[string]any{"state": state, "worker_id": w.server.Listener.Addr().String()}
	if w.cluster.since(3, 7) {
		part["version"] = w.cluster.version
	}
	if trace != "" {
		part["trace"] = trace
	}
	return part
}

// plugins answers for /connector-plugins.
func (c *cluster) plugins(r *http.Request, path []string, body []byte) answer {
	switch {
	case r.Method == http.MethodGet && len(path) == 0:
		return answer{http.StatusOK, c.installed(r.URL.Query().Get("connectorsOnly") == "false")}
	case r.Method == http.MethodGet && len(path) == 2 && path[1] == "config" && c.since(3, 2):
		p, ok := find(path[0])
		if !ok {
			panic(failure{http.StatusNotFound, "Unknown plugin " + path[0] + "."})
		}
		keys := []any{}
		for i, k := range p.all() {
			keys = append(keys, k.definition(i))
		}
		return answer{http.StatusOK, keys}
	case r.Method == http.MethodPut && strings.Join(path[min(1, len(path)):], "/") == "config/validate":
		config := map[string]any{}
		decode(body, &config)
		return answer{http.StatusOK, validation(path[0], stringsOf(config))}
	}
	panic(noEndpoint)
}

// installed lists the plugins.
func (c *cluster) installed(all bool) []map[string]string {
	list := []map[string]string{}
	for _, p := range plugins {
		list = append(list, map[string]string{"class": p.class, "type": p.kind, "version": c.version})
	}
	if all && c.since(3, 2) {
		list = append(list, map[string]string{
			"class": "org.apache.kafka.connect.json.JsonConverter", "type": "converter", "version": c.version,
		})
	}
	return list
}

// validation is what workers answer to a configuration that is to be validated.
func validation(class string, config map[string]*string) map[string]any {
	given := text(config["connector.class"])
	if given == "" {
		panic(failure{http.StatusInternalServerError, "org.apache.kafka.connect.runtime.rest.errors.BadRequestException: " +
			"Connector config " + printed(config) + " contains no connector type"})
	}
	if !strings.HasSuffix(given, class) && !strings.HasSuffix(class, given) {
		panic(failure{http.StatusBadRequest, fmt.Sprintf("Included connector type %s does not match request type %s", given, class)})
	}
	p, ok := find(given)
	if !ok {
		panic(failure{http.StatusBadRequest, unknownClass(given)})
	}
	errs := p.validate(config)
	configs := []any{}
	for i, k := range p.all() {
		shown := config[k.name]
		if shown == nil {
			shown = k.fallback
		}
		if k.kind == "PASSWORD" && shown != nil {
			shown = value("[hidden]")
		}
		configs = append(configs, map[string]any{"definition": k.definition(i), "value": map[string]any{
			"name": k.name, "value": shown, "recommended_values": []string{}, "errors": slices.Concat([]string{}, errs[k.name]), "visible": true,
		}})
	}
	return map[string]any{"name": given, "error_count": len(errs), "groups": []string{"Common"}, "configs": configs}
}

// decode reads a body, or fails as workers do.
func decode(body []byte, into any) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		panic(failure{http.StatusInternalServerError, err.Error()})
	}
}

// stringsOf turns JSON values into strings, as workers do, or fails for null.
func stringsOf(config map[string]any) map[string]*string {
	stored := map[string]*string{}
	for name, given := range config {
		if given == nil {
			panic(failure{http.StatusBadRequest, "Null value can not be supplied as the configuration value."})
		}
		stored[name] = value(fmt.Sprint(given))
	}
	return stored
}

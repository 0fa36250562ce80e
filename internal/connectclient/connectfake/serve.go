package connectfake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// answer is a status and a body, which is sent as JSON unless nil.
type answer struct {
	status int
	body   any
}

// failure is an answer that is an error.
type failure struct {
	status  int
	message string
}

func (f failure) Error() string { return f.message }

var (
	errNoEndpoint = failure{http.StatusNotFound, "HTTP 404 Not Found"}
	errMethod     = failure{http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed"}
)

// serve executes one request at a time, as the herder of a real cluster does.
func (w *Worker) serve(rw http.ResponseWriter, r *http.Request) {
	a, err := w.answer(r)
	switch failed := (failure{}); {
	case errors.As(err, &failed):
		writeError(rw, failed.status, failed.message)
	case err != nil: // the client closed the connection
	case a.body == nil:
		rw.WriteHeader(a.status)
	default:
		writeJSON(rw, a.status, a.body)
	}
}

func (w *Worker) answer(r *http.Request) (answer, error) {
	c := w.cluster
	if c.allowed != nil && !c.allowed(r) {
		return answer{}, failure{http.StatusUnauthorized, "User cannot access the resource."}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return answer{}, err
	}
	if len(body) > 0 && r.Header.Get("Content-Type") != "application/json" {
		return answer{}, failure{http.StatusUnsupportedMediaType, "HTTP 415 Unsupported Media Type"}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch path := segments(r.URL); {
	case len(path) == 0:
		return answer{http.StatusOK, map[string]string{
			"version": c.version, "commit": "fake", "kafka_cluster_id": c.kafkaID,
		}}, nil
	case path[0] == "connectors" && len(path) == 1:
		return w.collection(r, body)
	case path[0] == "connectors":
		return w.member(r, path[1], strings.Join(path[2:], "/"), body)
	case path[0] == "connector-plugins":
		return c.plugins(r, path[1:], body)
	case path[0] == "admin" && len(path) > 1 && path[1] == "loggers":
		return w.adminLoggers(r, path[2:], body)
	}
	return answer{}, errNoEndpoint
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

// decode parses a body. Its error is the one of a real worker.
func decode(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return failure{http.StatusInternalServerError, err.Error()}
	}
	return nil
}

// stringsOf turns JSON values into strings, as workers do.
func stringsOf(config map[string]any) map[string]*string {
	stored := map[string]*string{}
	for name, given := range config {
		stored[name] = nil
		if given != nil {
			stored[name] = new(fmt.Sprint(given))
		}
	}
	return stored
}

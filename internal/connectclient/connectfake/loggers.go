package connectfake

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

const rootLogger = "root"

var logLevels = []string{"OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE", "ALL"}

// loggers are the loggers of one worker.
type loggers struct {
	own      map[string]string // levels
	existing map[string]bool   // those without a level of their own, too
}

func newLoggers() loggers {
	return loggers{
		own: map[string]string{rootLogger: "INFO"},
		existing: map[string]bool{
			rootLogger: true,
			"org.apache.kafka.connect.runtime.Worker":      true,
			"org.apache.kafka.connect.runtime.WorkerInfo":  true,
			"org.apache.kafka.clients.admin.TopicMetadata": true,
		},
	}
}

// level returns the level in effect.
func (l loggers) level(name string) string {
	for ; name != ""; name = name[:max(strings.LastIndexByte(name, '.'), 0)] {
		if level, ok := l.own[name]; ok {
			return level
		}
	}
	return l.own[rootLogger]
}

// set sets the level of a logger and of all existing loggers whose name begins with the same text. It returns those that it
// has changed. Since 4.0, a logger that has the level already is not one of them.
func (l loggers) set(name, level string, quiet bool) []string {
	changed, names := []string{}, []string{}
	l.existing[name] = true
	for other := range l.existing {
		if name == rootLogger || strings.HasPrefix(other, name) {
			names = append(names, other)
		}
	}
	slices.Sort(names)
	before := map[string]string{}
	for _, other := range names {
		before[other] = l.level(other)
	}
	for _, other := range names {
		if !quiet || before[other] != level {
			l.own[other] = level
			changed = append(changed, other)
		}
	}
	return changed
}

// LoseLevels makes the worker forget all levels of loggers, as a restart does.
func (w *Worker) LoseLevels() {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	w.loggers = newLoggers()
}

// SetLevel sets the level of a logger on this worker only, as another client would.
func (w *Worker) SetLevel(name, level string) {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	w.loggers.set(name, level, w.cluster.since(4, 0))
}

// Level returns the level in effect for a logger on this worker.
func (w *Worker) Level(name string) string {
	w.cluster.mu.Lock()
	defer w.cluster.mu.Unlock()
	return w.loggers.level(name)
}

// adminLoggers handles /admin/loggers.
func (w *Worker) adminLoggers(r *http.Request, path []string, body []byte) (answer, error) {
	switch {
	case r.Method == http.MethodGet && len(path) == 0:
		list := map[string]any{}
		for _, name := range slices.Sorted(maps.Keys(w.loggers.existing)) {
			_, own := w.loggers.own[name]
			if recent := w.cluster.since(4, 0); !recent && own || recent && w.loggers.level(name) != "OFF" {
				list[name] = w.logger(name)
			}
		}
		return answer{http.StatusOK, list}, nil
	case r.Method == http.MethodGet && len(path) == 1:
		if _, own := w.loggers.own[path[0]]; !own && (!w.cluster.since(4, 0) || !w.loggers.existing[path[0]]) {
			return answer{}, failure{http.StatusNotFound, "Logger " + path[0] + " not found."}
		}
		return answer{http.StatusOK, w.logger(path[0])}, nil
	case r.Method == http.MethodPut && len(path) == 1:
		return w.putLogger(r, path[0], body)
	}
	return answer{}, errNoEndpoint
}

// logger describes a logger in the form of the REST API.
func (w *Worker) logger(name string) map[string]any {
	one := map[string]any{"level": w.loggers.level(name)}
	if w.cluster.since(3, 7) {
		one["last_modified"] = nil
	}
	return one
}

// putLogger sets a level. Workers before 3.7 ignore the scope.
func (w *Worker) putLogger(r *http.Request, name string, body []byte) (answer, error) {
	var document struct{ Level *string }
	if err := decode(body, &document); err != nil {
		return answer{}, err
	}
	level := text(document.Level)
	switch {
	case document.Level == nil:
		return answer{}, failure{http.StatusBadRequest, "Desired 'level' parameter was not specified in request."}
	case !slices.Contains(logLevels, strings.ToUpper(level)):
		return answer{}, failure{http.StatusNotFound, fmt.Sprintf("invalid log level '%s'.", level)}
	}
	level = strings.ToUpper(level)
	if r.URL.Query().Get("scope") == "cluster" && w.cluster.since(3, 7) {
		for _, one := range w.cluster.workers {
			one.loggers.set(name, level, w.cluster.since(4, 0))
		}
		return answer{status: http.StatusNoContent}, nil
	}
	return answer{http.StatusOK, w.loggers.set(name, level, w.cluster.since(4, 0))}, nil
}

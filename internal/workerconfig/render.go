package workerconfig

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	endsInPort   = regexp.MustCompile(`[^:]:\d+$`)
	restListener = regexp.MustCompile(`^(?i:https?)://[^/]*:\d+$`)
)

// renderer collects properties and problems while a configuration is rendered.
type renderer struct {
	mode       Mode
	properties Properties
	// paths has the path of the setting that set a key.
	paths    map[string][]string
	problems Problems
}

func newRenderer(mode Mode) *renderer {
	return &renderer{mode: mode, paths: map[string][]string{}}
}

func (r *renderer) problem(severity Severity, key, message string, path ...string) {
	r.problems = append(r.problems, Problem{Severity: severity, Path: path, Key: key, Message: message})
}

// set adds the property that the setting at path sets, and checks its value against
// the definition of the key.
func (r *renderer) set(key, value string, path ...string) {
	if earlier, twice := r.paths[key]; twice {
		r.problem(SeverityError, key, fmt.Sprintf("%s is set twice: %s sets it already; remove one of them", key, strings.Join(earlier, ".")), path...)
		return
	}
	r.paths[key] = path
	r.properties = append(r.properties, Property{Key: key, Value: value, Secret: holdsSecret(key, value)})
	known, ok := Lookup(key, r.mode)
	if !ok {
		return
	}
	if err := known.CheckValue(value); err != nil {
		r.problem(SeverityError, key, err.Error(), path...)
	}
	if trimAsJava(value) != value && !mayTrim(key, value) {
		r.problem(SeverityWarning, key, key+" begins or ends with white space, which Kafka removes", path...)
	}
	if known.Until != "" {
		r.problem(SeverityWarning, key, fmt.Sprintf("%s has no effect in workers newer than Kafka %s", key, known.Until), path...)
	}
}

// mayTrim reports whether whitespace around a value is insignificant, as in JAAS and
// PEM, which often end with a line end.
func mayTrim(key, value string) bool {
	return isJAASKey(key) || strings.HasPrefix(trimAsJava(value), "-----BEGIN ")
}

// text sets a key unless the value is empty.
func (r *renderer) text(key, value string, path ...string) {
	if value != "" {
		r.set(key, value, path...)
	}
}

func (r *renderer) list(key string, values []string, path ...string) {
	r.text(key, strings.Join(values, ","), path...)
}

func (r *renderer) number(key string, value *int64, path ...string) {
	if value != nil {
		r.set(key, strconv.FormatInt(*value, 10), path...)
	}
}

// config sets the keys that have no typed setting.
func (r *renderer) config(values map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		r.checkName(key)
		r.set(key, values[key], "config", key)
	}
}

// standaloneRefusal is the message for keys of a group in a standalone worker.
const standaloneRefusal = "%s has no effect in a standalone worker, which has no group and no internal topics: " +
	"it stores source offsets in the file at offset_storage_file_filename"

// checkName reports keys that this worker does not read.
func (r *renderer) checkName(key string) {
	if _, ok := Lookup(key, r.mode); ok {
		return
	}
	other := ModeDistributed
	if r.mode == ModeDistributed {
		other = ModeStandalone
	}
	_, ofOther := Lookup(key, other)
	switch {
	case ofOther && r.mode == ModeStandalone && isGroupKey(key):
		r.problem(SeverityError, key, fmt.Sprintf(standaloneRefusal, key), "config", key)
	case ofOther:
		r.problem(SeverityWarning, key, fmt.Sprintf("%s has no effect: only %s workers read it", key, other), "config", key)
	default:
		if near := Suggest(key, r.mode); near != "" {
			r.problem(SeverityWarning, key, fmt.Sprintf("%s is not a known key: did you mean %s?", key, near), "config", key)
		}
	}
}

func isGroupKey(key string) bool {
	return key == "group.id" || strings.HasPrefix(key, "offset.storage.") || strings.HasPrefix(key, "config.storage.") || strings.HasPrefix(key, "status.storage.")
}

// required reports missing keys without which no worker starts.
func (r *renderer) required() {
	worker := knownKeys().worker
	for _, name := range slices.Sorted(maps.Keys(worker)) {
		key := worker[name]
		value, _ := r.properties.Value(name)
		if key.Required && (key.Mode == r.mode || key.Mode == ModeBoth) && value == "" {
			// The settings of these keys have the same names.
			r.problem(SeverityError, name, name+" is required", strings.ReplaceAll(name, ".", "_"))
		}
	}
}

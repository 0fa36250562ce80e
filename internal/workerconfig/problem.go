package workerconfig

import (
	"fmt"
	"slices"
	"strings"
)

// Severity says whether a worker can use the configuration despite a problem.
type Severity int

// The severities of problems.
const (
	// SeverityWarning is for a setting that is probably a mistake.
	SeverityWarning Severity = iota + 1
	// SeverityError is for a setting that a worker rejects, or reads differently than
	// declared.
	SeverityError
)

// Problem is one problem of a configuration.
type Problem struct {
	Severity Severity
	// Path is the path of the setting, in the names that users write, such as security,
	// sasl, mechanism. The element after config, workers or config_providers is a key of
	// that map.
	Path []string
	// Key is the worker's key, such as producer.sasl.mechanism, if the problem concerns
	// one.
	Key string
	// Message says what is wrong and what to do. It starts in lower case, has no full
	// stop, and never contains a value that may be secret.
	Message string
}

// String returns severity, path and message, for logs and tests.
func (p Problem) String() string {
	severity := "warning"
	if p.Severity == SeverityError {
		severity = "error"
	}
	return fmt.Sprintf("%s: %s: %s", severity, strings.Join(p.Path, "."), p.Message)
}

// Problems are the problems of a configuration in the order of its settings.
type Problems []Problem

// HasError reports whether a problem is an error, so that no worker can use the
// configuration.
func (p Problems) HasError() bool {
	return slices.ContainsFunc(p, func(problem Problem) bool { return problem.Severity == SeverityError })
}

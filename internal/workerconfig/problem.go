package workerconfig

import (
	"fmt"
	"slices"
	"strings"
)

// Severity tells whether a worker can start from the configuration all the same.
type Severity int

// The severities of problems.
const (
	// SeverityWarning is for what is probably not meant.
	SeverityWarning Severity = iota + 1
	// SeverityError is for what a worker would refuse, or would read as something else
	// than was declared.
	SeverityError
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Severity Severity
	// Path leads to the setting at fault, in the names that users write, such as
	// security, sasl, mechanism. What follows config, workers or config_providers is a
	// key of that map.
	Path []string
	// Key is the worker's key at fault, such as producer.sasl.mechanism, if it is about
	// one.
	Key string
	// Message tells what is wrong and what to do, in lower case and without a full
	// stop. It never holds a value that may be secret.
	Message string
}

// String is for logs and tests.
func (p Problem) String() string {
	severity := "warning"
	if p.Severity == SeverityError {
		severity = "error"
	}
	return fmt.Sprintf("%s: %s: %s", severity, strings.Join(p.Path, "."), p.Message)
}

// Problems are all that is wrong with a configuration, in the order of its
// settings.
type Problems []Problem

// HasError tells whether a worker cannot be given this configuration.
func (p Problems) HasError() bool {
	return slices.ContainsFunc(p, func(problem Problem) bool { return problem.Severity == SeverityError })
}

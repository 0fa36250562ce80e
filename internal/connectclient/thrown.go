package connectclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// PluginError reports that the code of a plugin failed while the worker checked a configuration: the plugin threw an
// exception instead of naming what is wrong. Nothing was created or changed.
type PluginError struct {
	Message string // the worker's
	err     error
}

func (e *PluginError) Error() string {
	return fmt.Sprintf("the connector or another plugin failed while it checked the configuration: %s. %s", strings.TrimSuffix(e.Message, "."), e.Advice())
}

// Unwrap returns the answer to the validation.
func (e *PluginError) Unwrap() error { return e.err }

// Advice tells what to do about the failure.
func (e *PluginError) Advice() string {
	for _, sign := range []string{"NoClassDefFoundError", "ClassNotFoundException", "NoSuchMethodError", "NoSuchFieldError", "UnsupportedClassVersionError",
		"UnsatisfiedLinkError", "ExceptionInInitializerError", "LinkageError", "ServiceConfigurationError"} {
		if strings.Contains(e.Message, sign) {
			return "A jar of the plugin is missing, or the version of a jar or of Java is wrong: check the folder of the plugin on the workers. The log of the worker has the stack trace"
		}
	}
	return "The log of the worker has the stack trace"
}

// pluginError returns a [*PluginError] for the failure of a validation if the connector itself failed, or nil. A worker
// answers 500 with its text for any exception of a connector.
func pluginError(err error) *PluginError {
	answer, ok := errors.AsType[*Error](err)
	if !ok || answer.Status != http.StatusInternalServerError || answer.foreign || len(answer.kinds) > 0 {
		return nil // not a worker's answer, or an answer with another meaning
	}
	return &PluginError{answer.Message, err}
}

// thrownTries is how often a write must be answered with 500 at once before the worker is asked for the reason.
const thrownTries = 3

// thrown explains writes that a worker answers with the error page of its web server. The web server answers so if a
// connector throws a Java Error, such as NoClassDefFoundError. A validation tells the text of the same Error.
type thrown struct {
	client *Client
	config map[string]string
	count  int // of such answers
}

// explain counts an answer to a write that was not executed, and returns a [*PluginError] if the connector throws. In
// any other case it returns nil, and the write is to be sent again.
func (t *thrown) explain(ctx context.Context, e *Error) error {
	if !e.foreign || e.Status != http.StatusInternalServerError {
		return nil
	}
	if t.count++; t.count%thrownTries != 0 {
		return nil
	}
	_, err := t.client.Validate(ctx, t.config["connector.class"], t.config)
	if failed, ok := errors.AsType[*PluginError](err); ok {
		return failed
	}
	return nil
}

package connectclient

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// Problem is one fault of a configuration.
type Problem struct {
	Key     string // empty if the worker does not name it
	Message string
}

const (
	// noClassText ends a message that begins with the whole configuration, including secrets.
	noClassText = "contains no connector type"
	noClass     = `the configuration has no "connector.class"`

	noEndpointText = "HTTP 404 Not Found"
	noEndpoint     = "the worker has no such endpoint: it is too old, or the path in its URL is wrong"

	// notReadyText is in the refusal of a worker to write to its config topic. A worker serves its REST API before it has opened
	// the topic. It does not say that the worker cannot write later, nor does it depend on exactly-once support.
	notReadyText = "was created in read-only mode and does not support write operations"
	notReady     = "the worker is starting: it has not opened its config topic yet"

	// externalOffsetsText is in the answer to a change of offsets that the connector does not take part in.
	externalOffsetsText = "if this connector manages offsets externally"

	// maxMessageLen bounds what is kept of a message: workers list all their plugins.
	maxMessageLen = 2000
)

// decodeMessage reads one of Connect's errors. ok is false for any other body.
func decodeMessage(body []byte) (code int, message string, ok bool) {
	var doc struct {
		Code    *int   `json:"error_code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &doc) != nil || doc.Code == nil {
		return 0, "", false
	}
	return *doc.Code, doc.Message, true
}

var (
	keyPatterns = []*regexp.Regexp{
		regexp.MustCompile(`^Missing required configuration "([^"]+)"`),
		hiddenReason,
		regexp.MustCompile(`for configuration ([^\s:]+)(?::|$)`),
	}
	// hiddenReason is the only error that workers since 4.4 show for a value that comes from a config provider.
	hiddenReason = regexp.MustCompile(`for configuration '([^']+)': the value resolved from the config provider reference failed validation`)
	missingClass = regexp.MustCompile(`Failed to find any class that implements Connector and which name matches (.+?), available connectors are`)
	echoedConfig = regexp.MustCompile(`(?s)[Cc]onfig(?:uration)? \{.*\}`)
)

// problems parses the list of errors in the rejection of a configuration.
func problems(text string, secrets *Secrets) []Problem {
	if strings.Contains(text, noClassText) {
		return []Problem{{Key: "connector.class", Message: noClass}}
	}
	if m := missingClass.FindStringSubmatch(text); m != nil {
		return []Problem{{Key: "connector.class", Message: secrets.Hide("the worker has no connector of class " + m[1])}}
	}
	var list []Problem
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" ||
			strings.HasPrefix(line, "Connector configuration is invalid and contains the following") ||
			strings.HasPrefix(line, "You can also find the above list of errors") {
			continue
		}
		line = strings.TrimPrefix(line, "org.apache.kafka.common.config.ConfigException: ")
		list = append(list, Problem{Key: keyOf(line), Message: problem(line, secrets)})
	}
	return withoutNullProblems(list)
}

// problem returns a worker's message about one key. If the worker hides the reason, the message says where the reason is.
func problem(text string, secrets *Secrets) string {
	text = redacted(text, secrets)
	if hiddenReason.MatchString(text) {
		text += "; the worker does not show the reason, but logs it for the logger org.apache.kafka.connect.runtime.AbstractHerder at level TRACE"
	}
	return text
}

// keyOf returns the key that a line of a rejection names, or "".
func keyOf(line string) string {
	for _, pattern := range keyPatterns {
		if m := pattern.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// redacted returns a worker's message without whole configurations and secrets, and not longer than maxMessageLen.
func redacted(text string, secrets *Secrets) string {
	switch {
	case strings.Contains(text, noClassText):
		return noClass
	case text == noEndpointText:
		return noEndpoint
	case strings.Contains(text, notReadyText):
		return notReady
	}
	text = secrets.Hide(echoedConfig.ReplaceAllString(strings.TrimSpace(text), "configuration {…}"))
	if len(text) > maxMessageLen {
		text = strings.ToValidUTF8(text[:maxMessageLen], "") + "…"
	}
	return text
}

// describe names what was received instead of an answer of Kafka Connect, without repeating its content.
func describe(resp *http.Response, body []byte) string {
	if text := redirect(resp); text != "" {
		return text
	}
	what := "an answer"
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0:
		what = "an empty answer"
	case trimmed[0] == '<':
		what = "an HTML page"
	}
	if resp.StatusCode == http.StatusNotFound {
		return what + " that is not from Kafka Connect: the worker is starting, or its URL is wrong"
	}
	return what + " that is not from Kafka Connect"
}

package connectclient

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
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

// hidden replaces a secret.
const hidden = "(hidden)"

// Secrets removes values from text.
type Secrets struct {
	values   []string
	replacer *strings.Replacer
}

// NewSecrets returns a Secrets that hides the values, in plain and as encoded in JSON and URLs. Empty values are
// ignored.
func NewSecrets(values ...string) *Secrets {
	var forms []string
	for _, value := range values {
		if strings.TrimSpace(value) != "" {
			forms = append(forms, spellings(value)...)
		}
	}
	// The longest first: if one secret is part of another, no rest of the longer one remains.
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(forms))
	for _, form := range forms {
		pairs = append(pairs, form, hidden)
	}
	return &Secrets{values: values, replacer: strings.NewReplacer(pairs...)}
}

// Hide returns text with every secret in it replaced. A nil Secrets hides nothing.
func (s *Secrets) Hide(text string) string {
	if s == nil {
		return text
	}
	return s.replacer.Replace(text)
}

// with returns a Secrets that hides the values of both.
func (s *Secrets) with(other *Secrets) *Secrets {
	switch {
	case s == nil:
		return other
	case other == nil:
		return s
	}
	return NewSecrets(slices.Concat(s.values, other.values)...)
}

// spellings lists the forms in which a worker may repeat a value.
func spellings(value string) []string {
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	if quoted, err := json.Marshal(value); err == nil { // HTML-safe
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	// Jackson does not escape < > and &.
	forms = append(forms, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value))
	// Connect trims the values in its messages, and prints a LIST as [a, b].
	forms = append(forms, strings.TrimSpace(value))
	if items := strings.Split(value, ","); len(items) > 1 {
		for i, item := range items {
			items[i] = strings.TrimSpace(item)
		}
		forms = append(forms, strings.Join(items, ", "))
	}
	// The root cause is one line of a longer text, and may hold one line of a PEM key.
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); len(line) > 3 {
			forms = append(forms, line)
		}
	}
	return forms
}

type secretsKey struct{}

// WithSecrets returns a context that hides the values in errors and stack traces which [Client] returns, in addition to
// the values that ctx hides already. Workers repeat configuration values in their answers.
func WithSecrets(ctx context.Context, values ...string) context.Context {
	return context.WithValue(ctx, secretsKey{}, secretsOf(ctx).with(NewSecrets(values...)))
}

func secretsOf(ctx context.Context) *Secrets {
	secrets, _ := ctx.Value(secretsKey{}).(*Secrets)
	return secrets
}

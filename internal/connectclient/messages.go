package connectclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Problem is one thing that is wrong with a configuration.
type Problem struct {
	Key     string // empty if the worker does not say which
	Message string
}

const (
	// noClassText ends a message that begins with the whole configuration, secrets included.
	noClassText = "contains no connector type"
	noClass     = `the configuration has no "connector.class"`

	noEndpointText = "HTTP 404 Not Found"
	noEndpoint     = "there is no such endpoint: the worker is too old, or the path of its URL is wrong"

	// longest is how much of a message is kept: workers list every plugin that they have.
	longest = 2000
)

// message is the shape of Connect's errors.
type message struct {
	Code    int
	Message string
}

// decodeMessage reads an error of Connect's, and reports false for anything else.
func decodeMessage(body []byte) (message, bool) {
	var doc struct {
		Code    *int   `json:"error_code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &doc) != nil || doc.Code == nil {
		return message{}, false
	}
	return message{*doc.Code, doc.Message}, true
}

var (
	keyPatterns = []*regexp.Regexp{
		regexp.MustCompile(`^Missing required configuration "([^"]+)"`),
		regexp.MustCompile(`for configuration ([^\s:]+)(?::|$)`),
	}
	missingClass = regexp.MustCompile(`Failed to find any class that implements Connector and which name matches (.+?), available connectors are`)
	echoedConfig = regexp.MustCompile(`(?s)[Cc]onfig(?:uration)? \{.*\}`)
)

// problems takes apart the list of errors in a refusal.
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
		list = append(list, Problem{Key: keyOf(line), Message: sayable(line, secrets)})
	}
	return list
}

// keyOf returns the key that a line of a refusal is about, or "".
func keyOf(line string) string {
	for _, pattern := range keyPatterns {
		if m := pattern.FindStringSubmatch(line); m != nil {
			return m[1]
		}
	}
	return ""
}

// sayable returns what of a worker's message can be passed on: no configuration as a whole, no
// secret, no more than a screen.
func sayable(text string, secrets *Secrets) string {
	switch {
	case strings.Contains(text, noClassText):
		return noClass
	case text == noEndpointText:
		return noEndpoint
	}
	text = secrets.Hide(echoedConfig.ReplaceAllString(strings.TrimSpace(text), "configuration {…}"))
	if len(text) > longest {
		text = strings.ToValidUTF8(text[:longest], "") + "…"
	}
	return text
}

// describe says what came instead of an answer of Connect's, without repeating it.
func describe(resp *http.Response, body []byte) string {
	if target := redirect(resp); target != "" {
		return "a redirect to " + target + ": use that as the worker's URL"
	}
	what := "an answer"
	switch trimmed := bytes.TrimSpace(body); {
	case len(trimmed) == 0:
		what = "an empty answer"
	case trimmed[0] == '<':
		what = "an HTML page"
	}
	if resp.StatusCode == http.StatusNotFound {
		return what + " that is not Kafka Connect's: a worker that is starting, or the wrong URL"
	}
	return what + " that is not Kafka Connect's"
}

// redirect returns the scheme and host that a redirect points to, or "".
func redirect(resp *http.Response) string {
	if resp.StatusCode < 300 || resp.StatusCode > 399 {
		return ""
	}
	target, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || target.Host == "" {
		return "another path"
	}
	return fmt.Sprintf("%s://%s", target.Scheme, target.Host)
}

// hidden stands where a secret was.
const hidden = "(hidden)"

// Secrets hides values in text.
type Secrets struct {
	values   []string
	replacer *strings.Replacer
}

// NewSecrets returns a Secrets that hides the values, as they are and as JSON and URLs write them.
// Empty values are ignored.
func NewSecrets(values ...string) *Secrets {
	var forms []string
	for _, value := range values {
		if strings.TrimSpace(value) != "" {
			forms = append(forms, spellings(value)...)
		}
	}
	// The longest first: where one secret is part of another, nothing of the longer one remains.
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

// with returns a Secrets that hides what either of the two hides.
func (s *Secrets) with(other *Secrets) *Secrets {
	switch {
	case s == nil:
		return other
	case other == nil:
		return s
	}
	return NewSecrets(slices.Concat(s.values, other.values)...)
}

// spellings lists how a value may appear in what a worker says.
func spellings(value string) []string {
	forms := []string{value, url.QueryEscape(value), url.PathEscape(value)}
	if quoted, err := json.Marshal(value); err == nil { // HTML-safe
		forms = append(forms, string(quoted[1:len(quoted)-1]))
	}
	// As Jackson writes it: < > and & are as they are.
	forms = append(forms, strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(value))
	// Connect trims values before it complains of them, and prints a LIST as [a, b].
	forms = append(forms, strings.TrimSpace(value))
	if items := strings.Split(value, ","); len(items) > 1 {
		for i, item := range items {
			items[i] = strings.TrimSpace(item)
		}
		forms = append(forms, strings.Join(items, ", "))
	}
	// A cause is one line of a longer text; so is a key in PEM.
	for line := range strings.Lines(value) {
		if line = strings.TrimSpace(line); len(line) > 3 {
			forms = append(forms, line)
		}
	}
	return forms
}

type secretsKey struct{}

// WithSecrets returns a context in which errors and traces that [Client] returns hide the values,
// besides those that ctx hides already. Workers echo configuration values in what they answer.
func WithSecrets(ctx context.Context, values ...string) context.Context {
	return context.WithValue(ctx, secretsKey{}, secretsOf(ctx).with(NewSecrets(values...)))
}

func secretsOf(ctx context.Context) *Secrets {
	secrets, _ := ctx.Value(secretsKey{}).(*Secrets)
	return secrets
}

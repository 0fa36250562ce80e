package connectclient

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

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

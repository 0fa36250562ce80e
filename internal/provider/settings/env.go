package settings

import (
	"os"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/diagnostics"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Source says which cluster settings belong to.
type Source struct {
	at    path.Path                // of the object that has the attributes connect and kafka; empty for the provider block
	env   func(name string) string // reads an environment variable
	named bool                     // the cluster is an entry of `clusters`
}

// Default returns the source of the provider's own `connect` and `kafka`. An attribute that is null is taken from an
// environment variable.
func Default() Source { return Source{at: path.Empty(), env: os.Getenv} }

// Named returns the source of an entry of `clusters`. It reads no environment variables: they would send the credentials of
// one cluster to the others.
func Named(cluster string) Source {
	return Source{at: path.Root("clusters").AtMapKey(cluster), env: func(string) string { return "" }, named: true}
}

// orVariable continues a message that says to set an attribute.
func (s Source) orVariable(env string) string {
	if s.named {
		return ""
	}
	return ", or the environment variable " + env + ","
}

// text returns the value or, if it is null, that of the environment variable.
func (s Source) text(value types.String, env string) string {
	if value.IsNull() {
		return s.env(env)
	}
	return value.ValueString()
}

// list returns the list or, if it is null, the comma-separated parts of the environment variable.
func (s Source) list(list types.List, env string) (parts []string) {
	if !list.IsNull() {
		return tfvalue.StringList(list)
	}
	for part := range strings.SplitSeq(s.env(env), ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// duration parses the value or, if it is null, the environment variable. If neither is set, it returns 0.
func (s Source) duration(value types.String, env string, at path.Path, diags *diag.Diagnostics) time.Duration {
	text := s.text(value, env)
	if text == "" {
		return 0
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration <= 0 {
		diags.AddAttributeError(at, "Invalid duration", "Found "+diagnostics.Quoted(text)+". Give a positive number with a unit, such as \"150s\" or \"3m\".")
	}
	return duration
}

// orZero returns what the pointer points to. The models hold a nested attribute as a pointer, which is nil if the
// attribute is null.
func orZero[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}

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

// orEnv returns the value or, if it is null, that of the environment variable.
func orEnv(value types.String, env string) string {
	if value.IsNull() {
		return os.Getenv(env)
	}
	return value.ValueString()
}

// listOrEnv returns the list or, if it is null, the comma-separated parts of the environment variable.
func listOrEnv(list types.List, env string) (parts []string) {
	if !list.IsNull() {
		return tfvalue.StringList(list)
	}
	for part := range strings.SplitSeq(os.Getenv(env), ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// durationOrEnv parses the value or, if it is null, the environment variable. If neither is set, it returns 0.
func durationOrEnv(value types.String, env string, at path.Path, diags *diag.Diagnostics) time.Duration {
	text := orEnv(value, env)
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

package settings

import (
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// orEnv is the value, or that of the environment variable where the attribute is not set.
func orEnv(value types.String, env string) string {
	if value.IsNull() {
		return os.Getenv(env)
	}
	return value.ValueString()
}

// splitList splits at commas and drops blanks and empty parts.
func splitList(list string) []string {
	var parts []string
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

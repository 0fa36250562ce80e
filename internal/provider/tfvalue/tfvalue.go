// Package tfvalue converts between Terraform's values and plain ones, and reads and writes private state.
package tfvalue

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Has reports whether the map has the key.
func Has(m map[string]attr.Value, key string) bool {
	_, ok := m[key]
	return ok
}

// StringMap returns the known elements of a map of strings. Null and unknown maps are empty.
func StringMap(m types.Map) map[string]string {
	out := make(map[string]string, len(m.Elements()))
	for key, value := range m.Elements() {
		if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			out[key] = s.ValueString()
		}
	}
	return out
}

// StringSet returns the known elements of a set of strings, sorted. Null and unknown sets are empty.
func StringSet(s types.Set) []string {
	out := known(s.Elements())
	slices.Sort(out)
	return out
}

// StringList returns the known elements of a list of strings. Null and unknown lists are nil.
func StringList(l types.List) []string { return known(l.Elements()) }

func known(elements []attr.Value) (out []string) {
	for _, value := range elements {
		if s, ok := value.(types.String); ok && !s.IsNull() && !s.IsUnknown() {
			out = append(out, s.ValueString())
		}
	}
	return out
}

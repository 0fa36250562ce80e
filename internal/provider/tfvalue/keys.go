package tfvalue

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// NoBlankKeys refuses empty and blank keys, in every map that users write. They are mistakes of an expression, and neither
// workers nor brokers accept them.
var NoBlankKeys = []validator.Map{noBlankKeys{}}

type noBlankKeys struct{}

func (noBlankKeys) Description(context.Context) string { return "keys must not be blank" }

func (v noBlankKeys) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

func (noBlankKeys) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	for _, key := range slices.Sorted(maps.Keys(req.ConfigValue.Elements())) {
		if strings.TrimSpace(key) == "" {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(key), "Blank key in a map",
				req.Path.String()+" has an element with the key "+strconv.Quote(key)+". Set a key that is not blank, or remove the element.")
		}
	}
}

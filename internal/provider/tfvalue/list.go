package tfvalue

import (
	"context"
	"fmt"
	"iter"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
)

// ListResults streams the results of a list resource, at most as many as Terraform wants. If there are more, it adds a warning,
// which calls them objects. Terraform reads nothing after the last result that it wants, so the warnings are part of that result.
func ListResults[T any](ctx context.Context, req list.ListRequest, objects string, found []T, warnings diag.Diagnostics, set func(T, *list.ListResult)) iter.Seq[list.ListResult] {
	if total := len(found); req.Limit > 0 && int64(total) > req.Limit {
		found = found[:req.Limit]
		warnings.AddWarning(fmt.Sprintf("Only %d of %d %s are listed", len(found), total, objects),
			fmt.Sprintf("Set limit of the list block to %d or more. Terraform's default is 100.", total))
	}
	return func(push func(list.ListResult) bool) {
		for i, one := range found {
			result := req.NewListResult(ctx)
			if set(one, &result); i == len(found)-1 {
				result.Diagnostics.Append(warnings...)
			}
			if !push(result) {
				return
			}
		}
		if len(found) == 0 && len(warnings) > 0 {
			push(list.ListResult{Diagnostics: warnings})
		}
	}
}

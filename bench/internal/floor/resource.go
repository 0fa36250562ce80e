package floor

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// idle returns a resource with the name, schema and identity of the real one, and operations that only copy. It hides the
// other interfaces of the real one, such as the one that changes plans.
func idle(r resource.Resource) resource.Resource {
	if identified, ok := r.(resource.ResourceWithIdentity); ok {
		return identifiedResource{idleResource{r}, identified}
	}
	return idleResource{r}
}

type idleResource struct {
	resource.Resource
}

// Create makes the plan the state.
func (idleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(copyPlan(ctx, req.Plan, &resp.State, resp.Identity)...)
}

// Read keeps the state.
func (idleResource) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(setIdentity(ctx, resp.State, resp.Identity)...)
}

// Update makes the plan the state.
func (idleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(copyPlan(ctx, req.Plan, &resp.State, resp.Identity)...)
}

// Delete does nothing: the framework removes the state.
func (idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

type identifiedResource struct {
	idleResource

	identified resource.ResourceWithIdentity
}

// IdentitySchema is the real resource's.
func (r identifiedResource) IdentitySchema(ctx context.Context, req resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	r.identified.IdentitySchema(ctx, req, resp)
}

// copyPlan makes the plan the state. Values that the real provider would compute become null.
func copyPlan(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		diags.AddError("Cannot copy the plan", err.Error())
		return diags
	}
	state.Raw = raw
	return setIdentity(ctx, *state, identity)
}

// setIdentity copies the attributes that have the names of the identity's.
func setIdentity(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	if identity == nil {
		return nil
	}
	for name := range identity.Schema.GetAttributes() {
		var value types.String
		diags.Append(state.GetAttribute(ctx, path.Root(name), &value)...)
		diags.Append(identity.SetAttribute(ctx, path.Root(name), value)...)
	}
	return diags
}

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

// idle returns a resource with the schema of the given one.
func idle(r resource.Resource) resource.Resource {
	if with, ok := r.(resource.ResourceWithIdentity); ok {
		return &identifiedResource{idleResource{r}, with}
	}
	return &idleResource{r}
}

// idleResource has a real resource's name and schema, and none of its doing: the interface hides all else that the real
// one has, such as the changing of plans.
type idleResource struct {
	resource.Resource
}

// Create makes the plan the state.
func (r *idleResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(settle(ctx, req.Plan, &resp.State, resp.Identity)...)
}

// Read leaves the state as it is.
func (r *idleResource) Read(ctx context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(identify(ctx, resp.State, resp.Identity)...)
}

// Update makes the plan the state.
func (r *idleResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(settle(ctx, req.Plan, &resp.State, resp.Identity)...)
}

// Delete leaves it to the framework to remove the state.
func (r *idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// identifiedResource is one with an identity as well.
type identifiedResource struct {
	idleResource

	identified resource.ResourceWithIdentity
}

var _ resource.ResourceWithIdentity = (*identifiedResource)(nil)

// IdentitySchema is the real resource's.
func (r *identifiedResource) IdentitySchema(ctx context.Context, req resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	r.identified.IdentitySchema(ctx, req, resp)
}

// settle makes the plan the state, with null for what the real provider would find out.
func settle(ctx context.Context, plan tfsdk.Plan, state *tfsdk.State, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if !v.IsKnown() {
			return tftypes.NewValue(v.Type(), nil), nil
		}
		return v, nil
	})
	if err != nil {
		diags.AddError("Unable to settle the plan", err.Error())
		return diags
	}
	state.Raw = raw
	return identify(ctx, *state, identity)
}

// identify fills the identity from the attributes of the same names.
func identify(ctx context.Context, state tfsdk.State, identity *tfsdk.ResourceIdentity) (diags diag.Diagnostics) {
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

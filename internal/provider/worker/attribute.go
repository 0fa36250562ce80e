package worker

import (
	ephemeral "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	resource "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// workerAttribute describes an attribute of a worker configuration once for the resources and for the ephemeral resource,
// whose schemas are of different types. What values are valid is for package workerconfig to say.
type attribute struct {
	kind        attributeKind
	description string
	stored      string // follows the description where there is a state to store it in

	required  bool
	sensitive bool
	writeOnly bool // left out of the ephemeral resource, which stores nothing anyway
	computed  bool // by the provider alone

	validators []validator.String
	nested     map[string]attribute // of objects
}

// attributeKind is the type of an attribute.
type attributeKind int

const (
	kindText attributeKind = iota
	kindNumber
	kindList    // of strings
	kindSet     // of strings
	kindMap     // of strings
	kindObject  // of nested
	kindObjects // a map of nested
)

// resourceAttributes are the attributes as a resource has them.
func resourceAttributes(from map[string]attribute) map[string]resource.Attribute {
	to := make(map[string]resource.Attribute, len(from))
	for name, a := range from {
		to[name] = a.forResource()
	}
	return to
}

func (a attribute) forResource() resource.Attribute {
	optional, description := !a.required && !a.computed, a.description+a.stored
	switch a.kind {
	case kindNumber:
		return resource.Int64Attribute{
			MarkdownDescription: description, Required: a.required, Optional: optional, Computed: a.computed, Sensitive: a.sensitive,
		}
	case kindList:
		return resource.ListAttribute{
			MarkdownDescription: description, Required: a.required, Optional: optional, ElementType: types.StringType,
		}
	case kindSet:
		return resource.SetAttribute{
			MarkdownDescription: description, Required: a.required, Optional: optional, ElementType: types.StringType,
		}
	case kindMap:
		return resource.MapAttribute{
			MarkdownDescription: description, Required: a.required, Optional: optional, Computed: a.computed, Sensitive: a.sensitive,
			ElementType: types.StringType,
		}
	case kindObject:
		return resource.SingleNestedAttribute{
			MarkdownDescription: description, Required: a.required, Optional: optional, Attributes: resourceAttributes(a.nested),
		}
	case kindObjects:
		return resource.MapNestedAttribute{
			MarkdownDescription: description, Required: a.required, Optional: optional,
			NestedObject: resource.NestedAttributeObject{Attributes: resourceAttributes(a.nested)},
		}
	default:
		return resource.StringAttribute{
			MarkdownDescription: description, Required: a.required, Optional: optional, Computed: a.computed, Sensitive: a.sensitive,
			WriteOnly: a.writeOnly, Validators: a.validators,
		}
	}
}

// ephemeralAttributes are the attributes as an ephemeral resource has them.
func ephemeralAttributes(from map[string]attribute) map[string]ephemeral.Attribute {
	to := make(map[string]ephemeral.Attribute, len(from))
	for name, a := range from {
		if !a.writeOnly {
			to[name] = a.forEphemeral()
		}
	}
	return to
}

func (a attribute) forEphemeral() ephemeral.Attribute {
	optional := !a.required && !a.computed
	switch a.kind {
	case kindNumber:
		return ephemeral.Int64Attribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional, Computed: a.computed, Sensitive: a.sensitive,
		}
	case kindList:
		return ephemeral.ListAttribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional, ElementType: types.StringType,
		}
	case kindSet:
		return ephemeral.SetAttribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional, ElementType: types.StringType,
		}
	case kindMap:
		return ephemeral.MapAttribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional, Computed: a.computed, Sensitive: a.sensitive,
			ElementType: types.StringType,
		}
	case kindObject:
		return ephemeral.SingleNestedAttribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional, Attributes: ephemeralAttributes(a.nested),
		}
	case kindObjects:
		return ephemeral.MapNestedAttribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional,
			NestedObject: ephemeral.NestedAttributeObject{Attributes: ephemeralAttributes(a.nested)},
		}
	default:
		return ephemeral.StringAttribute{
			MarkdownDescription: a.description, Required: a.required, Optional: optional, Computed: a.computed, Sensitive: a.sensitive,
			Validators: a.validators,
		}
	}
}

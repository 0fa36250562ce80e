package worker

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// valueOf returns a value of the type in which every value at the depth, and every primitive value above it, is the leaf. Maps
// have one element, whose key is the name.
func valueOf(typ tftypes.Type, name string, depth int, leaf any) tftypes.Value {
	if depth == 0 {
		return tftypes.NewValue(typ, leaf)
	}
	switch t := typ.(type) {
	case tftypes.Object:
		attributes := map[string]tftypes.Value{}
		for name, attribute := range t.AttributeTypes {
			attributes[name] = valueOf(attribute, name, depth-1, leaf)
		}
		return tftypes.NewValue(typ, attributes)
	case tftypes.Map:
		return tftypes.NewValue(typ, map[string]tftypes.Value{name: valueOf(t.ElementType, name, depth-1, leaf)})
	case tftypes.List:
		return tftypes.NewValue(typ, []tftypes.Value{valueOf(t.ElementType, name, depth-1, leaf)})
	case tftypes.Set:
		return tftypes.NewValue(typ, []tftypes.Value{valueOf(t.ElementType, name, depth-1, leaf)})
	default:
		return tftypes.NewValue(typ, leaf)
	}
}

// The models of all kinds fit their schemas at every depth, for null and for unknown values. Unknown values cause no problems,
// except that path excludes workers.
func TestModelsFitSchemas(t *testing.T) {
	ctx := t.Context()
	check := func(kind string, typ tftypes.Type, validate func(tftypes.Value) diag.Diagnostics) {
		for depth := 1; depth <= 5; depth++ { // such as workers, a worker, listeners, an element
			for _, d := range validate(valueOf(typ, "", depth, nil)) {
				if d.Summary() != "Invalid worker configuration" {
					t.Errorf("%s, null at depth %d: %s: %s", kind, depth, d.Summary(), d.Detail())
				}
			}
			for _, d := range validate(valueOf(typ, "", depth, tftypes.UnknownValue)) {
				if !strings.HasPrefix(d.Detail(), "Path cannot be combined with workers") {
					t.Errorf("%s, unknown at depth %d: %s: %s", kind, depth, d.Summary(), d.Detail())
				}
			}
		}
	}
	for _, mode := range []mode{distributedMode, standaloneMode} {
		schema := mode.schema()
		check(mode.typeName, schema.Type().TerraformType(ctx), func(value tftypes.Value) diag.Diagnostics {
			var resp resource.ValidateConfigResponse
			req := resource.ValidateConfigRequest{Config: tfsdk.Config{Schema: schema, Raw: value}}
			(&Resource{mode: mode}).ValidateConfig(ctx, req, &resp)
			return resp.Diagnostics
		})
	}
	var schema ephemeral.SchemaResponse
	(&Ephemeral{}).Schema(ctx, ephemeral.SchemaRequest{}, &schema)
	check("ephemeral", schema.Schema.Type().TerraformType(ctx), func(value tftypes.Value) diag.Diagnostics {
		var resp ephemeral.ValidateConfigResponse
		req := ephemeral.ValidateConfigRequest{Config: tfsdk.Config{Schema: schema.Schema, Raw: value}}
		(&Ephemeral{}).ValidateConfig(ctx, req, &resp)
		return resp.Diagnostics
	})
}

// Every attribute of the resource is in the ephemeral resource, except those of files and write-only ones.
func TestEphemeralAttributes(t *testing.T) {
	from := distributedSchema().Attributes
	to := ephemeralAttributes(from)
	security, ok := to[attrSecurity].GetType().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("security is not an object")
	}
	sasl, ok := security.AttributeTypes[attrSASL].(tftypes.Object)
	if !ok {
		t.Fatal("sasl is not an object")
	}
	if _, ok := sasl.AttributeTypes[attrPasswordWO]; ok || len(sasl.AttributeTypes) != len(saslAttributes())-1 {
		t.Errorf("sasl has the attributes %v", sasl.AttributeTypes)
	}
	for name, attribute := range from {
		converted := to[name]
		if converted.IsRequired() != attribute.IsRequired() || converted.IsOptional() != attribute.IsOptional() ||
			converted.IsComputed() != attribute.IsComputed() || converted.IsSensitive() != attribute.IsSensitive() {
			t.Errorf("%s differs from the attribute of the resource", name)
		}
	}
}

// Each value that the rendered attributes depend on makes them unknown; a path, a permission and a write-only value do not.
func TestInputsKnown(t *testing.T) {
	object := distributedSchema().Type().TerraformType(t.Context()).(tftypes.Object)
	configured := func(change func(attributes map[string]tftypes.Value)) tfsdk.Config {
		attributes := map[string]tftypes.Value{}
		for name, attribute := range object.AttributeTypes {
			attributes[name] = tftypes.NewValue(attribute, nil)
		}
		change(attributes)
		return tfsdk.Config{Schema: distributedSchema(), Raw: tftypes.NewValue(object, attributes)}
	}
	unknown := func(name string) func(map[string]tftypes.Value) {
		return func(attributes map[string]tftypes.Value) {
			attributes[name] = tftypes.NewValue(object.AttributeTypes[name], tftypes.UnknownValue)
		}
	}
	inConfig := func(attributes map[string]tftypes.Value) { // a key that is also the name of an excluded attribute
		attributes[attrConfig] = tftypes.NewValue(object.AttributeTypes[attrConfig],
			map[string]tftypes.Value{attrPath: tftypes.NewValue(tftypes.String, tftypes.UnknownValue)})
	}
	inSASL := func(name string) func(map[string]tftypes.Value) {
		return func(attributes map[string]tftypes.Value) {
			security := object.AttributeTypes[attrSecurity].(tftypes.Object)
			sasl := security.AttributeTypes[attrSASL].(tftypes.Object)
			change := func(typ tftypes.Object, name string, value tftypes.Value) tftypes.Value {
				values := map[string]tftypes.Value{}
				for attribute, of := range typ.AttributeTypes {
					values[attribute] = tftypes.NewValue(of, nil)
				}
				values[name] = value
				return tftypes.NewValue(typ, values)
			}
			attributes[attrSecurity] = change(security, attrSASL, change(sasl, name, tftypes.NewValue(tftypes.String, tftypes.UnknownValue)))
		}
	}
	for name, test := range map[string]struct {
		change     func(map[string]tftypes.Value)
		known      bool
		writeOnly  bool
		passwordWO string
	}{
		"nothing unknown":           {func(map[string]tftypes.Value) {}, true, false, "<null>"},
		"path":                      {unknown(attrPath), true, false, "<null>"},
		"file_permission":           {unknown(attrFilePermission), true, false, "<null>"},
		"group_id":                  {unknown("group_id"), false, false, "<null>"},
		"security":                  {unknown(attrSecurity), false, false, "<null>"},
		"workers":                   {unknown(attrWorkers), false, false, "<null>"},
		"config":                    {unknown(attrConfig), false, false, "<null>"},
		`config["path"]`:            {inConfig, false, false, "<null>"},
		"security.sasl.password":    {inSASL(attrPassword), false, false, "<null>"},
		"security.sasl.password_wo": {inSASL(attrPasswordWO), true, true, "<unknown>"},
	} {
		m, diags := decode[model](t.Context(), configured(test.change))
		if diags.HasError() {
			t.Fatalf("%s: %v", name, diags)
		}
		if m.inputsKnown() != test.known || m.hasWriteOnly() != test.writeOnly || m.passwordWO().String() != test.passwordWO {
			t.Errorf("%s: inputs known %t, password_wo %s", name, m.inputsKnown(), m.passwordWO())
		}
	}
}

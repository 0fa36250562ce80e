package provider

import (
	"reflect"
	"slices"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/provider/tfvalue"
)

// Every map that users write refuses blank keys.
func TestSchemas_mapsRefuseBlankKeys(t *testing.T) {
	t.Parallel()
	p := New("test")().(provider.ProviderWithEphemeralResources)
	var configured provider.SchemaResponse
	p.Schema(t.Context(), provider.SchemaRequest{}, &configured)
	schemas := map[string]any{"provider": configured.Schema}
	for _, newResource := range p.Resources(t.Context()) {
		var name resource.MetadataResponse
		var got resource.SchemaResponse
		newResource().Metadata(t.Context(), resource.MetadataRequest{}, &name)
		newResource().Schema(t.Context(), resource.SchemaRequest{}, &got)
		schemas["resource"+name.TypeName] = got.Schema
	}
	for _, newEphemeral := range p.EphemeralResources(t.Context()) {
		var got ephemeral.SchemaResponse
		newEphemeral().Schema(t.Context(), ephemeral.SchemaRequest{}, &got)
		schemas["ephemeral"] = got.Schema
	}
	maps := 0
	var check func(path string, of any)
	check = func(path string, of any) {
		if m, ok := of.(interface {
			MapValidators() []validator.Map
			IsRequired() bool
			IsOptional() bool
		}); ok && (m.IsRequired() || m.IsOptional()) {
			maps++
			if !slices.Contains(m.MapValidators(), tfvalue.NoBlankKeys[0]) {
				t.Errorf("%s accepts blank keys", path)
			}
		}
		value := reflect.ValueOf(of)
		if nested := value.FieldByName("NestedObject"); nested.IsValid() {
			value = nested
		}
		if attributes := value.FieldByName("Attributes"); attributes.IsValid() {
			for _, name := range attributes.MapKeys() {
				check(path+"."+name.String(), attributes.MapIndex(name).Interface())
			}
		}
	}
	for name, schema := range schemas {
		check(name, schema)
	}
	if maps < 15 {
		t.Errorf("found only %d maps", maps)
	}
}

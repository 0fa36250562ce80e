package guides_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/acctest"
)

// The basic and the full example of each resource are valid together, as a page of the reference shows them.
func TestReference_examplesAreValid(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"examples/resources/*", "examples/data-sources/*"} {
		folders, err := filepath.Glob(filepath.Join(acctest.Root(t), kind))
		if err != nil || len(folders) < 5 {
			t.Fatal(folders, err)
		}
		for _, folder := range folders {
			t.Run(filepath.Base(folder), func(t *testing.T) {
				t.Parallel()
				files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
				if err != nil {
					t.Fatal(err)
				}
				var all strings.Builder
				for _, file := range files {
					if strings.HasPrefix(filepath.Base(file), "import") { // needs an object to import
						continue
					}
					name, err := filepath.Rel(acctest.Root(t), file)
					if err != nil {
						t.Fatal(err)
					}
					all.WriteString(acctest.Example(t, name) + "\n")
				}
				c := acctest.NewCLI(t, all.String())
				c.RequireTerraform("1.11") // for config_wo
				c.Must("validate", "-no-color")
			})
		}
	}
}

// saysDefault matches what the description of an optional attribute tells about the case that it is not set: a default, an environment
// variable, or the attribute that replaces it.
var saysDefault = regexp.MustCompile(`(?i)\bdefaults?\b|\bwithout\b|\bunless\b|environment variable|instead of|\brequired?\b|\brequires\b|exactly one|needs either`)

// Every optional attribute of a resource, a data source, an action or the provider tells what happens if it is not set.
func TestReference_attributesTellDefaults(t *testing.T) {
	t.Parallel()
	server, err := acctest.ProviderFactories["kafkaconnect"]()
	if err != nil {
		t.Fatal(err)
	}
	got, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]*tfprotov6.Schema{"provider": got.Provider}
	for name, schema := range got.ResourceSchemas {
		schemas["resource "+name] = schema
	}
	for name, schema := range got.DataSourceSchemas {
		schemas["data source "+name] = schema
	}
	for name, schema := range got.ActionSchemas {
		schemas["action "+name] = schema.Schema
	}
	optional := 0
	var missing []string
	var check func(at string, attributes []*tfprotov6.SchemaAttribute)
	check = func(at string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			name := at + "." + a.Name
			if a.NestedType != nil {
				check(name, a.NestedType.Attributes)
			}
			if a.Optional && a.NestedType == nil {
				if optional++; !saysDefault.MatchString(a.Description) {
					missing = append(missing, name+": "+a.Description)
				}
			}
		}
	}
	for name, schema := range schemas {
		check(name, schema.Block.Attributes)
	}
	if optional < 100 {
		t.Errorf("there are only %d optional attributes", optional)
	}
	slices.Sort(missing)
	if len(missing) > 0 {
		t.Errorf("%d of %d optional attributes do not tell what happens without them:\n%s", len(missing), optional, strings.Join(missing, "\n"))
	}
}

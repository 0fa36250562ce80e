package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// connectObject is the `connect` attribute with the values; all others are null.
func connectObject(t *testing.T, values map[string]attr.Value) types.Object {
	t.Helper()
	return objectOf(t, ConnectAttribute().GetType().(types.ObjectType), values)
}

func objectOf(t *testing.T, of types.ObjectType, values map[string]attr.Value) types.Object {
	t.Helper()
	all := map[string]attr.Value{}
	for name, attrType := range of.AttrTypes {
		null, err := attrType.ValueFromTerraform(t.Context(), tftypes.NewValue(attrType.TerraformType(t.Context()), nil))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = null
	}
	for name, value := range values {
		if _, ok := all[name]; !ok {
			t.Fatalf("there is no attribute %q", name)
		}
		all[name] = value
	}
	object, diags := types.ObjectValue(of.AttrTypes, all)
	if diags.HasError() {
		t.Fatal(diags)
	}
	return object
}

func urls(urls ...string) types.List {
	values := make([]attr.Value, len(urls))
	for i, url := range urls {
		values[i] = types.StringValue(url)
	}
	return types.ListValueMust(types.StringType, values)
}

func TestConnect_errorsAreOnTheAttribute(t *testing.T) {
	noPEM := filepath.Join(t.TempDir(), "missing.pem")
	bad := filepath.Join(t.TempDir(), "bad.pem")
	if err := os.WriteFile(bad, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	tlsType := ConnectAttribute().Attributes["tls"].GetType().(types.ObjectType)
	tls := func(name, value string) map[string]attr.Value {
		return map[string]attr.Value{
			"urls": urls("https://localhost:8083"),
			"tls":  objectOf(t, tlsType, map[string]attr.Value{name: types.StringValue(value)}),
		}
	}
	ok := urls("http://localhost:8083")
	for name, test := range map[string]struct {
		values map[string]attr.Value
		at     string
		says   string
	}{
		"no URL":                 {map[string]attr.Value{"username": types.StringValue("u"), "password": types.StringValue("hunter2")}, "connect.urls", ""},
		"scheme":                 {map[string]attr.Value{"urls": urls("ftp://localhost")}, "connect.urls", "http:// or https://"},
		"no host":                {map[string]attr.Value{"urls": urls("http://")}, "connect.urls", ""},
		"secret in the URL":      {map[string]attr.Value{"urls": urls("http://u:hunter2@localhost")}, "connect.urls", ""},
		"scheme of an admin URL": {map[string]attr.Value{"urls": ok, "admin_urls": urls("http://localhost:8084", "localhost:8085")}, "connect.admin_urls", "http:// or https://"},
		"password without user":  {map[string]attr.Value{"urls": ok, "password": types.StringValue("hunter2")}, "connect.username", ""},
		"two ways":               {map[string]attr.Value{"urls": ok, "username": types.StringValue("u"), "password": types.StringValue("hunter2"), "bearer_token": types.StringValue("hunter2")}, "connect.bearer_token", ""},
		"proxy scheme":           {map[string]attr.Value{"urls": ok, "proxy_url": types.StringValue("gopher://u:hunter2@localhost:1")}, "connect.proxy_url", "socks5"},
		"unreadable certificate": {tls("ca_file", noPEM), "connect.tls.ca_file", "cannot be read: no such file"},
		"not a certificate":      {tls("ca_file", bad), "connect.tls.ca_pem", "no certificate"},
		"half a key pair":        {tls("private_key_pem", "hunter2"), "connect.tls.certificate_pem", "is required with private_key_pem"},
		"request timeout":        {map[string]attr.Value{"urls": ok, "request_timeout": types.StringValue("soon")}, "connect.request_timeout", "soon"},
		"no duration":            {map[string]attr.Value{"urls": ok, "stable_for": types.StringValue("5")}, "connect.stable_for", "\"150s\""},
		"too short":              {map[string]attr.Value{"urls": ok, "stable_for": types.StringValue("1999ms")}, "connect.stable_for", "at least 2s"},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := NewConnect(t.Context(), Default(), connectObject(t, test.values), "test")
			if len(diags) != 1 {
				t.Fatalf("got %v, want one error", diags)
			}
			at, isOnAttribute := diags[0].(diag.DiagnosticWithPath)
			if !isOnAttribute || at.Path().String() != test.at {
				t.Errorf("got %v, want it on %s", diags[0], test.at)
			}
			if !strings.Contains(diags[0].Detail(), test.says) {
				t.Errorf("got %q, want %q in it", diags[0].Detail(), test.says)
			}
			if strings.Contains(diags[0].Summary()+diags[0].Detail(), "hunter2") {
				t.Errorf("a secret is in %q", diags[0].Detail())
			}
		})
	}
}

func TestConnect_environment(t *testing.T) {
	t.Setenv("KAFKA_CONNECT_URL", "http://one:8083, http://two:8083")
	t.Setenv("KAFKA_CONNECT_ADMIN_URL", "http://one:8084,http://two:8084")
	t.Setenv("KAFKA_CONNECT_USERNAME", "user")
	t.Setenv("KAFKA_CONNECT_PASSWORD", "from the environment")
	t.Setenv("KAFKA_CONNECT_PROXY_URL", "http://proxy:3128")
	t.Setenv("KAFKA_CONNECT_REQUEST_TIMEOUT", "3m")
	t.Setenv("KAFKA_CONNECT_STABLE_FOR", "1m")

	var m connectModel
	m.Password = types.StringValue("from the attribute")
	got, diags := m.config(Default())
	if diags.HasError() {
		t.Fatal(diags)
	}
	if strings.Join(got.URLs, " ") != "http://one:8083 http://two:8083" {
		t.Errorf("URLs are %v", got.URLs)
	}
	if strings.Join(got.AdminURLs, " ") != "http://one:8084 http://two:8084" {
		t.Errorf("admin URLs are %v", got.AdminURLs)
	}
	if got.Username != "user" || got.Password != "from the attribute" || got.ProxyURL != "http://proxy:3128" || got.RequestTimeout.Minutes() != 3 || got.StableFor.Minutes() != 1 {
		t.Error("the environment is not used for what is not set, or wins over what is")
	}
}

// An attribute wins over the environment, also over credentials of another kind.
func TestConnect_credentialsOfTheAttributesWin(t *testing.T) {
	s := types.StringValue
	for name, test := range map[string]struct {
		values map[string]attr.Value
		want   string // user, password and token
	}{
		"token":              {map[string]attr.Value{"bearer_token": s("t")}, " /  / t"},
		"user":               {map[string]attr.Value{"username": s("u")}, "u / env-password / "},
		"user, no password":  {map[string]attr.Value{"username": s("u"), "password": s("")}, "u /  / "},
		"password":           {map[string]attr.Value{"password": s("p")}, "env-user / p / "},
		"header":             {map[string]attr.Value{"headers": types.MapValueMust(types.StringType, map[string]attr.Value{"authorization": s("ApiKey k")})}, " /  / "},
		"header of no login": {map[string]attr.Value{"bearer_token": s("t"), "headers": types.MapValueMust(types.StringType, map[string]attr.Value{"Host": s("h")})}, " /  / t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KAFKA_CONNECT_USERNAME", "env-user")
			t.Setenv("KAFKA_CONNECT_PASSWORD", "env-password")
			t.Setenv("KAFKA_CONNECT_BEARER_TOKEN", "env-token")
			test.values["urls"] = urls("http://localhost:8083")
			object := connectObject(t, test.values)
			if _, diags := NewConnect(t.Context(), Default(), object, "test"); len(diags) > 0 {
				t.Error(diags)
			}
			var m connectModel
			if diags := object.As(t.Context(), &m, basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true}); diags.HasError() {
				t.Fatal(diags)
			}
			if user, password, token := m.credentials(Default()); user+" / "+password+" / "+token != test.want {
				t.Errorf("got %s / %s / %s, want %s", user, password, token, test.want)
			}
		})
	}
}

func TestConnect_unknownSettingsBlockNothing(t *testing.T) {
	for name, value := range map[string]types.Object{
		"all": types.ObjectUnknown(ConnectAttribute().GetType().(types.ObjectType).AttrTypes),
		"one": connectObject(t, map[string]attr.Value{"urls": types.ListUnknown(types.StringType)}),
		"inside one": connectObject(t, map[string]attr.Value{
			"urls": types.ListValueMust(types.StringType, []attr.Value{types.StringUnknown()}),
		}),
	} {
		conn, diags := NewConnect(t.Context(), Default(), value, "test")
		if diags.HasError() || !conn.Unknown {
			t.Errorf("%s: got %+v, %v", name, conn, diags)
		}
		if _, diags := conn.Client(); !diags.HasError() {
			t.Errorf("%s: there is a client", name)
		}
	}
}

func TestConnect_missingSettingsAreAnErrorOnUse(t *testing.T) {
	t.Setenv("KAFKA_CONNECT_URL", "")
	conn, diags := NewConnect(t.Context(), Default(), types.ObjectNull(ConnectAttribute().GetType().(types.ObjectType).AttrTypes), "test")
	if diags.HasError() {
		t.Fatal(diags)
	}
	if _, diags := conn.Client(); !diags.HasError() || !strings.Contains(diags[0].Detail(), "KAFKA_CONNECT_URL") {
		t.Errorf("got %v", diags)
	}
}

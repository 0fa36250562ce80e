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

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/kafkaclient"
)

// kafkaObject is the `kafka` attribute with the values; all others are null.
func kafkaObject(t *testing.T, values map[string]attr.Value) types.Object {
	t.Helper()
	return objectOf(t, KafkaAttribute().GetType().(types.ObjectType), values)
}

// nested is one of the attributes of `kafka` that hold attributes.
func nested(t *testing.T, name string, values map[string]attr.Value) attr.Value {
	t.Helper()
	return objectOf(t, KafkaAttribute().Attributes[name].GetType().(types.ObjectType), values)
}

func TestKafka_errorsAreOnTheAttribute(t *testing.T) {
	servers := urls("broker-0:9092")
	text := func(s string) attr.Value { return types.StringValue(s) }
	sasl := func(pairs ...string) map[string]attr.Value {
		values := map[string]attr.Value{}
		for i := 0; i < len(pairs); i += 2 {
			values[pairs[i]] = text(pairs[i+1])
		}
		return map[string]attr.Value{"bootstrap_servers": servers, "sasl": nested(t, "sasl", values)}
	}
	properties := func(text string) map[string]attr.Value {
		return map[string]attr.Value{"properties": types.StringValue("bootstrap.Servers=b:9092\n" + text)}
	}
	for name, test := range map[string]struct {
		values map[string]attr.Value
		at     string
		says   string
	}{
		"no server":      {map[string]attr.Value{"client_id": text("me")}, "kafka.bootstrap_servers", "at least one"},
		"no port":        {map[string]attr.Value{"bootstrap_servers": urls("broker-0")}, "kafka.bootstrap_servers", "host:port"},
		"protocol":       {map[string]attr.Value{"bootstrap_servers": servers, "security_protocol": text("TLS")}, "kafka.security_protocol", "SASL_SSL"},
		"mechanism":      {sasl("mechanism", "GSSAPI"), "kafka.sasl.mechanism", "SCRAM-SHA-512"},
		"no password":    {sasl("mechanism", "PLAIN", "username", "u"), "kafka.sasl.password", "PLAIN"},
		"no username":    {sasl("mechanism", "PLAIN", "password", "hunter2"), "kafka.sasl.username", "PLAIN"},
		"no token":       {sasl("mechanism", "OAUTHBEARER"), "kafka.sasl.oauth", "token_endpoint"},
		"certificate":    {map[string]attr.Value{"bootstrap_servers": servers, "tls": nested(t, "tls", map[string]attr.Value{"ca_pem": text("hunter2")})}, "kafka.tls.ca_pem", "no certificate"},
		"unreadable":     {map[string]attr.Value{"bootstrap_servers": servers, "tls": nested(t, "tls", map[string]attr.Value{"ca_file": text("/no/such.pem")})}, "kafka.tls.ca_file", `The file "/no/such.pem" cannot be read: no such file`},
		"TLS version":    {map[string]attr.Value{"bootstrap_servers": servers, "tls": nested(t, "tls", map[string]attr.Value{"min_version": text("TLSv1")})}, "kafka.tls.min_version", "TLSv1.2"},
		"dial timeout":   {map[string]attr.Value{"bootstrap_servers": servers, "dial_timeout": text("soon")}, "kafka.dial_timeout", "soon"},
		"JKS store":      {properties("security.protocol=SSL\nssl.truststore.location=/x.jks\nssl.truststore.password=hunter2\n"), "kafka.properties", `"ssl.truststore`},
		"Kerberos":       {properties("security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n"), "kafka.properties", "Kerberos"},
		"unknown secret": {properties("security.protocol=SASL_SSL\nsasl.pasword=hunter2\n"), "kafka.properties", `"sasl.pasword"`},
		"misspelled key": {properties("security_protocol=SSL\n"), "kafka.properties", "correct it to security.protocol, or remove it."},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := NewKafka(t.Context(), Default(), kafkaObject(t, test.values))
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

func TestKafka_attributesThenEnvironmentThenProperties(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client.properties")
	text := "bootstrap.Servers=file:9092\nclient.id=file\nrequest.timeout.ms=7000\nsecurity.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n" +
		"sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"file\" password=\"file\";\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KAFKA_PROPERTIES_FILE", file)
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", "env-1:9092, env-2:9092")
	t.Setenv("KAFKA_SASL_USERNAME", "env")
	t.Setenv("KAFKA_SASL_PASSWORD", "env")
	t.Setenv("KAFKA_DIAL_TIMEOUT", "3s")
	m := kafkaModel{SASL: &saslModel{Password: types.StringValue("attribute")}}

	got, diags := m.config(t.Context(), Default())
	if diags.HasError() {
		t.Fatal(diags)
	}
	if strings.Join(got.BootstrapServers, " ") != "env-1:9092 env-2:9092" || got.DialTimeout.Seconds() != 3 {
		t.Errorf("the environment does not win over the properties: %v, %v", got.BootstrapServers, got.DialTimeout)
	}
	if got.SASL.Username != "env" || got.SASL.Password != "attribute" || got.SASL.Mechanism != "PLAIN" {
		t.Error("SASL is not put together from attribute, environment and properties")
	}
	if got.ClientID != "file" || got.RequestTimeout.Seconds() != 7 || got.SecurityProtocol != "SASL_SSL" {
		t.Errorf("the properties do not fill what is left: %q, %v, %q", got.ClientID, got.RequestTimeout, got.SecurityProtocol)
	}
}

func TestKafka_everyAttributeArrives(t *testing.T) {
	s := func(s string) types.String { return types.StringValue(s) }
	object := kafkaObject(t, map[string]attr.Value{
		"bootstrap_servers": urls("b:9092"), "security_protocol": s("SASL_SSL"), "client_id": s("me"), "dial_timeout": s("1s"), "request_timeout": s("2s"),
		"tls": nested(t, "tls", map[string]attr.Value{
			"ca_pem": s("ca"), "certificate_pem": s("certificate"), "private_key_pem": s("key"), "server_name": s("name"),
			"insecure_skip_verify": types.BoolValue(true), "min_version": s("TLSv1.3"),
		}),
		"sasl": nested(t, "sasl", map[string]attr.Value{
			"mechanism": s("PLAIN"), "username": s("u"), "password": s("p"), "token_auth": types.BoolValue(true),
			"oauth": objectOf(t, saslAttribute().Attributes["oauth"].GetType().(types.ObjectType), map[string]attr.Value{
				"token": s("t"), "token_file": s("f"), "token_endpoint": s("e"), "client_id": s("i"), "client_secret": s("c"), "scope": s("o"),
				"extensions":      types.MapValueMust(types.StringType, map[string]attr.Value{"k": s("v")}),
				"endpoint_params": types.MapValueMust(types.StringType, map[string]attr.Value{"audience": s("kafka")}),
				"ca_pem":          s("idp"),
			}),
			"aws": objectOf(t, saslAttribute().Attributes["aws"].GetType().(types.ObjectType), map[string]attr.Value{
				"access_key_id": s("a"), "secret_access_key": s("b"), "session_token": s("c"), "profile": s("p"), "role_arn": s("r"),
			}),
		}),
	})
	var m kafkaModel
	if diags := object.As(t.Context(), &m, basetypes.ObjectAsOptions{}); diags.HasError() {
		t.Fatal(diags)
	}
	got, diags := m.config(t.Context(), Default())
	if diags.HasError() {
		t.Fatal(diags)
	}
	if want := (kafkaclient.TLS{CAPEM: "ca", CertificatePEM: "certificate", PrivateKeyPEM: "key", ServerName: "name", InsecureSkipVerify: true, MinVersion: "TLSv1.3"}); got.TLS != want {
		t.Errorf("tls is %+v", got.TLS)
	}
	if want := (kafkaclient.AWS{AccessKeyID: "a", SecretAccessKey: "b", SessionToken: "c", Profile: "p", RoleARN: "r"}); got.SASL.AWS != want {
		t.Errorf("sasl.aws is %+v", got.SASL.AWS)
	}
	o := got.SASL.OAuth
	if o.Token != "t" || o.TokenFile != "f" || o.TokenEndpoint != "e" || o.ClientID != "i" || o.ClientSecret != "c" || o.Scope != "o" || o.Extensions["k"] != "v" || o.EndpointParams["audience"] != "kafka" || o.CAPEM != "idp" {
		t.Errorf("sasl.oauth is %+v", o)
	}
	if !got.SASL.TokenAuth || got.ClientID != "me" || got.DialTimeout.Seconds() != 1 || got.RequestTimeout.Seconds() != 2 {
		t.Error("not every attribute arrives")
	}
}

func TestKafka_unknownSettingsBlockNothing(t *testing.T) {
	for name, value := range map[string]types.Object{
		"all":        types.ObjectUnknown(KafkaAttribute().GetType().(types.ObjectType).AttrTypes),
		"one":        kafkaObject(t, map[string]attr.Value{"bootstrap_servers": types.ListUnknown(types.StringType)}),
		"inside one": kafkaObject(t, map[string]attr.Value{"sasl": nested(t, "sasl", map[string]attr.Value{"password": types.StringUnknown()})}),
	} {
		conn, diags := NewKafka(t.Context(), Default(), value)
		if diags.HasError() || !conn.Unknown {
			t.Errorf("%s: got %+v, %v", name, conn, diags)
		}
		if _, diags := conn.Client(); !diags.HasError() {
			t.Errorf("%s: there is a client", name)
		}
	}
}

func TestKafka_missingSettingsAreAnErrorOnUse(t *testing.T) {
	t.Setenv("KAFKA_BOOTSTRAP_SERVERS", "")
	conn, diags := NewKafka(t.Context(), Default(), types.ObjectNull(KafkaAttribute().GetType().(types.ObjectType).AttrTypes))
	if diags.HasError() {
		t.Fatal(diags)
	}
	if _, diags := conn.Client(); !diags.HasError() || !strings.Contains(diags[0].Detail(), "KAFKA_BOOTSTRAP_SERVERS") {
		t.Errorf("got %v", diags)
	}
}

// An attribute wins over a variable of the environment, and a variable over the properties, also where both are right only
// alone.
func TestKafka_attributesWinOverContradictions(t *testing.T) {
	s := types.StringValue
	oauth := func(values map[string]attr.Value) attr.Value {
		return nested(t, "sasl", map[string]attr.Value{
			"mechanism": s("OAUTHBEARER"), "oauth": objectOf(t, saslAttribute().Attributes["oauth"].GetType().(types.ObjectType), values),
		})
	}
	login := nested(t, "sasl", map[string]attr.Value{"mechanism": s("PLAIN"), "username": s("me"), "password": s("mine")})
	for name, test := range map[string]struct {
		values      map[string]attr.Value
		environment map[string]string
		protocol    string
		says        string // as the principal
	}{
		"protocol": {map[string]attr.Value{"security_protocol": s("PLAINTEXT")},
			map[string]string{"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p"}, "PLAINTEXT", "User:ANONYMOUS"},
		"mechanism": {map[string]attr.Value{"sasl": login},
			map[string]string{"KAFKA_SASL_MECHANISM": "OAUTHBEARER", "KAFKA_SASL_OAUTH_TOKEN": "t"}, "SASL_SSL", "User:me"},
		"token": {map[string]attr.Value{"sasl": oauth(map[string]attr.Value{"token_endpoint": s("https://idp/token"), "client_id": s("id"), "client_secret": s("x")})},
			map[string]string{"KAFKA_SASL_OAUTH_TOKEN": "t"}, "SASL_SSL", "OAuth client id"},
		"properties without a protocol": {map[string]attr.Value{"sasl": login, "properties": s("request.timeout.ms=5000\n")}, nil, "SASL_SSL", "User:me"},
		"properties for another login":  {map[string]attr.Value{"sasl": login, "properties": s("security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n")}, nil, "SASL_SSL", "User:me"},
		"environment over properties": {map[string]attr.Value{"properties": s("security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI\n")},
			map[string]string{"KAFKA_SASL_MECHANISM": "PLAIN", "KAFKA_SASL_USERNAME": "u", "KAFKA_SASL_PASSWORD": "p"}, "SASL_SSL", "User:u"},
	} {
		t.Run(name, func(t *testing.T) {
			for name, value := range test.environment {
				t.Setenv(name, value)
			}
			test.values["bootstrap_servers"] = urls("b:9092")
			object := kafkaObject(t, test.values)
			kafka, diags := NewKafka(t.Context(), Default(), object)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			defer kafka.Close()
			var m kafkaModel
			diags = object.As(t.Context(), &m, basetypes.ObjectAsOptions{})
			config, more := m.config(t.Context(), Default())
			if diags.Append(more...); diags.HasError() || config.SecurityProtocol != "" && config.SecurityProtocol != test.protocol {
				t.Errorf("protocol %q, %v", config.SecurityProtocol, diags)
			}
			if got := kafka.client.Principal(); got != test.says {
				t.Errorf("the principal is %s, want %s", got, test.says)
			}
		})
	}
}

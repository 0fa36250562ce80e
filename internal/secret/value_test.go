package secret_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/secret"
	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/workerconfig"
)

// Keys of public connectors, converters, transforms and config providers.
func TestName(t *testing.T) {
	t.Parallel()
	secrets := `
		database.password database.ssl.keystore.password mongodb.password redis.password connection.password some.password password.3
		DB_PASSWORD dbPassword sslKeyPassword trustStorePassword PASSWORD auth.pass db.pwd login.passcode
		sasl.jaas.config producer.override.sasl.jaas.config source.cluster.sasl.jaas.config schema.history.internal.producer.sasl.jaas.config
		gcp.credentials.json gcs.credentials.json google.credentials iceberg.catalog.credential
		aws.secret.access.key s3.proxy.password iceberg.catalog.s3.secret-access-key iceberg.catalog.s3.session-token iceberg.catalog.token
		s3.access.key azblob.account.key azure.storage.account.key SharedAccessKey AccountKey azure.sas.token
		snowflake.private.key snowflake.private.key.passphrase snowflake.oauth.client.secret snowflake.oauth.refresh.token
		salesforce.consumer.secret salesforce.password.token oauth2.client.secret http.headers.authorization connection.api.key x-api-key
		elastic.apiKey datadog.apikey value.converter.basic.auth.user.info value.converter.bearer.auth.token
		ssl.keystore.key producer.override.ssl.keystore.key ssl.key.password sasl.oauthbearer.client.credentials.client.secret
		sasl.oauthbearer.assertion.private.key.passphrase password.encoder.secret password.encoder.old.secret
		config.providers.vault.param.token config.providers.vault.param.secret.id transforms.encrypt.secret cipher_data_keys
		confluent.license s3.sse.customer.key azure.eventhubs.sas.key camel.kamelet.aws-s3-sink.secretKey authtoken accesstoken clientsecret keystorepassword`
	open := `
		gcp.credentials.file.path gcs.credentials.path ssl.keystore.location snowflake.private.key.file password.file secret.path tokenfile
		credentials.provider.class aws.credentials.provider.class iceberg.catalog.client.credentials-provider value.converter.basic.auth.credentials.source
		iceberg.catalog.s3.access-key-id aws.access.key.id accessKeyId token.refresh.interval.ms iceberg.catalog.token-expires-in-ms
		iceberg.catalog.token-refresh-enabled max.tokens max.tokens.per.request min_tokens password.encoder.iterations password.encoder.key.length
		password.encoder.cipher.algorithm oauth2.access.token.url sasl.oauthbearer.token.endpoint.url oauth2.response.token.property
		sasl.oauthbearer.client.credentials.client.id snowflake.user.name connection.user topics topic.prefix key.converter tasks.max
		transforms.maskPassword.type transforms.password.replacement transforms.token.fields transforms.mask.replacement transforms
		config.providers.secretManager.param.aws.region secrets.manager.enabled aws.secretsmanager.region primary.key pk.fields table.key
		message.key.columns key.serializer authorization.mode http.authorization.type compass.heading tokenizer.class bypass
		database.hostname mongodb.connection.string connection.url s3.sse.kms.key.id cps.makeOrderingKeyAttribute tokens.per.second database.encrypt delegation.token.max.lifetime.ms ssl.keystore.type errors.tolerance`
	for text, want := range map[string]bool{secrets: true, open: false} {
		for key := range strings.FieldsSeq(text) {
			if got := secret.Name(key); got != want {
				t.Errorf("Name(%q) = %t", key, got)
			}
		}
	}
}

// Of the keys that Kafka defines, the passwords are secret, and no other key is. Kafka defines certificates as PASSWORD, too.
func TestNameOfKafkaKeys(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../workerconfig/keys.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys struct{ Worker, Producer, Consumer, Admin []workerconfig.Key }
	if err := json.Unmarshal(text, &keys); err != nil || len(keys.Worker) < 100 {
		t.Fatalf("read %d keys: %v", len(keys.Worker), err)
	}
	for _, key := range slices.Concat(keys.Worker, keys.Producer, keys.Consumer, keys.Admin) {
		isCertificate := strings.HasSuffix(key.Name, ".certificates") || strings.HasSuffix(key.Name, ".certificate.chain")
		if want := key.Type == workerconfig.TypePassword && !isCertificate; secret.Name(key.Name) != want {
			t.Errorf("Name(%q) = %t", key.Name, !want)
		}
	}
}

func TestWhy(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIFDjBABgkqhkiG9w0BBQ0\n-----END ENCRYPTED PRIVATE KEY-----"
	for _, test := range []struct {
		key, value string
		password   bool
		want       secret.Reason
	}{
		{"vault.pin", "p", true, secret.ByType},
		{"db.password", "p", false, secret.ByName},
		{"db.password", "", true, secret.NotSecret},
		{"db.password", "  ", false, secret.NotSecret},
		{"db.password", "****", false, secret.ByName},
		{"use.credentials", "true", false, secret.NotSecret},
		{"token", "FALSE", true, secret.ByType},
		// Placeholders
		{"db.password", "${file:/run/s.properties:password}", true, secret.NotSecret},
		{"db.password", "${vault:db:password}", false, secret.NotSecret},
		{"db.password", "${secrets:ns/name:key}", false, secret.NotSecret},
		{"x.user.info", "${env:USER}:${env:PASSWORD}", true, secret.NotSecret},
		{"http.headers.authorization", "Bearer ${env:TOKEN}", true, secret.NotSecret},
		{"db.password", "x${env:PASSWORD}", false, secret.ByName},
		{"db.password", "${PASSWORD}", false, secret.ByName}, // Kafka takes it as it is
		{"connection.url", "jdbc:mysql://h/db?user=u&password=${env:P}", false, secret.NotSecret},
		{"mongodb.connection.string", "mongodb://${env:U}:${env:P}@h:27017/?x=y", false, secret.NotSecret},
		// Regular expressions
		{"transforms.r.regex", "(.*)token=(.*)", false, secret.NotSecret},
		{"transforms.r.regex", `password=([^&]+)&.*`, false, secret.NotSecret},
		{"transforms.r.regex", `password=(\w+)`, false, secret.NotSecret},
		{"transforms.r.regex", "password=hunter2(.*)", false, secret.ByForm},
		// URLs
		{"mongodb.connection.string", "mongodb://u:pw@h1:27017,h2:27017/?replicaSet=r", false, secret.ByForm},
		{"mongodb.connection.string", "mongodb+srv://u:p%40w@h", false, secret.ByForm},
		{"redis.uri", "redis://:pw@h:6379", false, secret.ByForm},
		{"url", "amqp://u:p/w@h", false, secret.ByForm},
		{"url", "https://h:8083/a@b", false, secret.NotSecret},
		{"url", "https://user@h/path", false, secret.NotSecret},
		{"url", "https://h1:8083,https://h2:8083", false, secret.NotSecret},
		{"url", "mongodb://u:****@h", false, secret.ByForm},
		{"note", "[hidden]", false, secret.ByMask},
		{"note", "••••", false, secret.ByMask},
		{"vault.token", "[hidden]", false, secret.ByName},
		{"transforms.mask.replacement", "<redacted>", false, secret.NotSecret},
		{"transforms.mask.replacement", "XXXX-****", false, secret.NotSecret},
		{"transforms.mask.replacement", "****", false, secret.NotSecret},
		{"url", "https://h/x?token=abc", false, secret.ByForm},
		{"url", "https://h/x?max.tokens=5&page.token.ttl.ms=7", false, secret.NotSecret},
		{"connection.url", "jdbc:oracle:thin:scott/tiger@//h:1521/x", false, secret.ByForm},
		{"connection.url", "jdbc:oracle:thin:@//h:1521/x", false, secret.NotSecret},
		{"connection.url", "jdbc:postgresql://h/db?user=u&password=pw", false, secret.ByForm},
		{"connection.url", "jdbc:sqlserver://h:1433;databaseName=d;user=sa;password={p;w};encrypt=true", false, secret.ByForm},
		{"connection.url", "jdbc:postgresql://h/db?user=u&ssl=true", false, secret.NotSecret},
		// Options
		{"ado", "Server=h;User Id=sa;Password=pw;", false, secret.ByForm},
		{"ado", "Server=h;Pwd = pw", false, secret.ByForm},
		{"azure", "Endpoint=sb://h/;SharedAccessKeyName=n;SharedAccessKey=abc=", false, secret.ByForm},
		{"azure", "Endpoint=sb://h/;SharedAccessKeyName=n", false, secret.NotSecret},
		{"kafka.login", `a.B required username="u" password="p";`, false, secret.ByForm},
		{"transforms.cast.spec", "token:string,password:string", false, secret.NotSecret},
		{"transforms.r.renames", "password:pwd", false, secret.NotSecret},
		{"query", "SELECT password, token FROM users WHERE id > 5", false, secret.NotSecret},
		// JAAS
		{"sasl.jaas.config", `a.B required username="u" password="p";`, true, secret.ByName},
		{"sasl.jaas.config", `a.B required username="u" password="${env:P}";`, true, secret.NotSecret},
		{"sasl.jaas.config", `a.B required useKeyTab=true keyTab="/k" principal="p@R";`, true, secret.NotSecret},
		{"producer.override.sasl.jaas.config", `not JAAS`, false, secret.ByName},
		// Keys and tokens
		{"key", pem, false, secret.ByForm},
		{"cert", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----", false, secret.NotSecret},
		{"keyfile", `{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"}`, false, secret.ByForm},
		{"keyfile", "/etc/keys/sa.json", false, secret.NotSecret},
		{"json", `{"user":"u","password":"p"}`, false, secret.ByForm},
		{"headers", "Authorization: Bearer abc", false, secret.ByForm},
		{"headers", "Content-Type:application/json,X-Api-Key:abc", false, secret.ByForm},
		{"headers", "Content-Type:application/json", false, secret.NotSecret},
		{"header", "Basic dXNlcjpwdw==", false, secret.ByForm},
		{"auth.type", "Basic", false, secret.NotSecret},
		{"x", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.abc-def", false, secret.ByForm},
		{"x", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", false, secret.ByForm},
		{"x", "AKIAIOSFODNN7EXAMPLE", false, secret.NotSecret},
		{"x", "da39a3ee5e6b4b0d3255bfef95601890afd80709", false, secret.NotSecret}, // a SHA-1
		{"x", "ghp_012345678901234567890123456789012345", false, secret.ByForm},
		{"connector.class", "org.apache.kafka.connect.file.FileStreamSourceConnector", false, secret.NotSecret},
	} {
		if got := secret.Why(test.key, test.value, test.password); got != test.want {
			t.Errorf("Why(%q, %q, %t) = %d, want %d", test.key, test.value, test.password, got, test.want)
		}
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	config := map[string]string{
		"connector.class": "a.B", "connection.user": "u", "connection.password": "pw-1", "pin": "1234567",
		"url": "jdbc:x://h?password=p%40w-2", "mongo": "mongodb://u:p%40w-3@h", "vault": "${file:/a:b}",
	}
	isPassword := func(key string) bool { return key == "pin" || key == "vault" }
	want := []string{"1234567", "dTpwdy0x", "p%40w-2", "p%40w-3", "p@w-3", "pw-1"}
	got := secret.Values(config, isPassword)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	public := secret.Public(config, isPassword)
	for word, want := range map[string]bool{"u": true, "a.B": true, "pin": true, "1234567": false, "pw-1": false, config["url"]: false} {
		if slices.Contains(public, word) != want {
			t.Errorf("public: %q %t", word, !want)
		}
	}
}

func TestIsMask(t *testing.T) {
	t.Parallel()
	for text, want := range map[bool][]string{
		true: {
			"***", "****", "********", "•••", "••••••••", "[hidden]", "<hidden>", "(hidden)", "[HIDDEN]", "[redacted]", "<REDACTED>", "{masked}",
			"**redacted**", "***HIDDEN***", "REDACTED", "(not shown)", "(secret)", "(sensitive value)", "[value hidden]", " **** ", "--hidden--",
			"mongodb://u:****@h", "mongodb://u:xxxxx@h", "jdbc:x://h?user=u&password=***", "password=[hidden];x=y", "abcd****",
		},
		false: {"", "*", "**", "hidden", "a*b", "topic-*", "[a-z]***", "x", "xxxx", "(unknown)", "hunter2", "${env:X}", "orders.*", "[abc]"},
	} {
		for _, value := range want {
			if got := secret.IsMask(value); got != text {
				t.Errorf("IsMask(%q) = %t", value, got)
			}
		}
	}
}

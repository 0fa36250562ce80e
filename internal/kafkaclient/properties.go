package kafkaclient

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/agext/levenshtein"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// ParseProperties reads the text of a Java client properties file. It also returns, sorted, the keys that it ignored
// because they do not affect how an admin client connects, such as acks. Java's admin client ignores them, too.
//
// A key that affects the connection but is not supported is a *ConfigError that names it: key stores other than PEM,
// Kerberos, classes to load, configuration providers. So is an unknown key that starts with ssl, sasl or security, or
// that is similar to such a key: a misspelt security setting must not be ignored.
func ParseProperties(text string) (config Config, ignored []string, err error) {
	return Config{}.OverProperties(text)
}

// OverProperties returns c with the fields that are not set taken from the text of a Java client properties file, and
// the keys that [ParseProperties] ignores. If neither has a security protocol, the settings of c decide it: with SASL
// in c it is SASL_SSL, not Java's PLAINTEXT.
func (c Config) OverProperties(text string) (config Config, ignored []string, err error) {
	values, err := javaformat.DecodeProperties(text)
	if err != nil {
		return Config{}, nil, &ConfigError{Field: "properties", Reason: "is not a valid properties file: " + err.Error()}
	}
	p := &propertiesFile{values: values, over: c}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		values[key] = trimAsJava(values[key])
		if err := p.read(key); err != nil {
			return Config{}, nil, err
		}
	}
	if err := p.finish(); err != nil {
		return Config{}, nil, err
	}
	return p.config.Overlay(c), p.ignored, nil
}

// trimAsJava removes what Kafka removes from every value: blanks and all control characters below them.
func trimAsJava(value string) string {
	return strings.TrimFunc(value, func(r rune) bool { return r <= ' ' })
}

// propertiesFile is the state of one OverProperties.
type propertiesFile struct {
	values  map[string]string
	over    Config // the settings that take precedence
	config  Config
	ignored []string
}

// readers convert the value of one key each. The method finish reads the keys that depend on each other.
var readers = map[string]func(c *Config, value string) error{
	"bootstrap.servers":                                 readBootstrapServers,
	"security.protocol":                                 readSecurityProtocol,
	"client.id":                                         func(c *Config, v string) error { c.ClientID = v; return nil },
	"client.dns.lookup":                                 wantOneOf("", "use_all_dns_ips", "default"),
	"request.timeout.ms":                                func(c *Config, v string) (err error) { c.RequestTimeout, err = millis(v); return },
	"socket.connection.setup.timeout.ms":                func(c *Config, v string) (err error) { c.DialTimeout, err = millis(v); return },
	"sasl.mechanism":                                    func(c *Config, v string) error { c.SASL.Mechanism = v; return nil },
	"sasl.jaas.config":                                  readByFinish,
	"sasl.client.callback.handler.class":                wantOneOf("", "software.amazon.msk.auth.iam.IAMClientCallbackHandler"),
	"sasl.login.callback.handler.class":                 wantOneOf(append([]string{""}, oauthHandlers...)...),
	"sasl.login.class":                                  wantOneOf(""),
	"sasl.oauthbearer.token.endpoint.url":               readTokenEndpoint,
	"sasl.oauthbearer.scope":                            func(c *Config, v string) error { c.SASL.OAuth.Scope = v; return nil },
	"sasl.oauthbearer.header.urlencode":                 readHeaderURLEncode,
	"sasl.oauthbearer.jwt.retriever.class":              wantOneOf(append([]string{""}, oauthRetrievers...)...),
	"ssl.protocol":                                      wantOneOf("", "TLS", "TLSv1.2", "TLSv1.3"),
	"ssl.enabled.protocols":                             readEnabledProtocols,
	"ssl.endpoint.identification.algorithm":             readIdentification,
	"ssl.cipher.suites":                                 wantOneOf(""),
	"ssl.provider":                                      wantOneOf(""),
	"ssl.engine.factory.class":                          wantOneOf(""),
	"security.providers":                                wantOneOf(""),
	"ssl.truststore.type":                               readByFinish,
	"ssl.truststore.location":                           readByFinish,
	"ssl.truststore.certificates":                       readByFinish,
	"ssl.truststore.password":                           readByFinish,
	"ssl.keystore.type":                                 readByFinish,
	"ssl.keystore.location":                             readByFinish,
	"ssl.keystore.key":                                  readByFinish,
	"ssl.keystore.certificate.chain":                    readByFinish,
	"ssl.keystore.password":                             readByFinish,
	"ssl.key.password":                                  readByFinish,
	"sasl.oauthbearer.client.credentials.client.id":     func(c *Config, v string) error { c.SASL.OAuth.ClientID = v; return nil },
	"sasl.oauthbearer.client.credentials.client.secret": func(c *Config, v string) error { c.SASL.OAuth.ClientSecret = v; return nil },
}

// tuning has the prefixes of security keys that can be ignored: they affect retries, or the broker's side, but neither
// the client's identity nor what it trusts.
var tuning = []string{
	"sasl.kerberos.", // used only by GSSAPI, which is an error
	"sasl.login.refresh.", "sasl.login.retry.", "sasl.login.connect.", "sasl.login.read.",
	"sasl.oauthbearer.expected.", "sasl.oauthbearer.jwks.", "sasl.oauthbearer.clock.", "sasl.oauthbearer.jwt.validator.",
	"sasl.oauthbearer.scope.claim.", "sasl.oauthbearer.sub.claim.",
	"ssl.keymanager.algorithm", "ssl.trustmanager.algorithm", "ssl.secure.random.implementation",
}

func (p *propertiesFile) read(key string) error {
	value := p.values[key]
	reader, known := readers[key]
	starts := func(prefix string) bool { return strings.HasPrefix(key, prefix) }
	switch {
	case known && strings.Contains(value, "${"):
		return keyError(key, "refers to a config provider, which this client cannot resolve: set the value itself")
	case known:
		if err := reader(&p.config, value); err != nil {
			return keyError(key, "%s", err)
		}
	case slices.ContainsFunc(tuning, starts):
		p.ignored = append(p.ignored, key)
	case isSecurityKey(key):
		return keyError(key, "is a security setting that this client does not support: correct the key, or remove it")
	default:
		if err := checkUnknownKey(key); err != nil {
			return err
		}
		p.ignored = append(p.ignored, key)
	}
	return nil
}

func isSecurityKey(key string) bool {
	return strings.HasPrefix(key, "ssl.") || strings.HasPrefix(key, "sasl.") || strings.HasPrefix(key, "security.")
}

// byteOrderMark is the mark of UTF-8 as Java reads it: as three characters of ISO-8859-1, which belong to the first key.
const byteOrderMark = "\u00ef\u00bb\u00bf"

// checkUnknownKey refuses a key that Java ignores although it was probably meant as a security setting. Without the
// setting, passwords could be sent unencrypted, or to anyone.
func checkUnknownKey(key string) error {
	if marked, ok := strings.CutPrefix(key, byteOrderMark); ok && isSecurityKey(marked) {
		return keyError(marked, "follows a byte order mark, with which Java does not recognize the key: save the file without a byte order mark")
	}
	written := strings.NewReplacer("_", ".", "-", ".").Replace(strings.ToLower(key))
	for _, meant := range slices.Sorted(maps.Keys(readers)) {
		if isSecurityKey(meant) && levenshtein.Distance(written, meant, nil) <= 2 {
			return keyError(key, "is not a key of Kafka, so Java ignores it: correct it to %s, or remove it", meant)
		}
	}
	return nil
}

// finish reads the keys that depend on each other. Java ignores SASL and TLS settings that the protocol does not use.
func (p *propertiesFile) finish() error {
	// Java's default is PLAINTEXT, also with SASL or TLS settings in the file.
	p.config.SecurityProtocol = cmp.Or(p.over.SecurityProtocol, p.config.SecurityProtocol, p.over.securityProtocol())
	if strings.HasPrefix(p.config.SecurityProtocol, "SASL_") {
		if err := p.readSASL(); err != nil {
			return err
		}
	} else {
		p.config.SASL = SASL{}
	}
	if !strings.HasSuffix(p.config.SecurityProtocol, javaformat.SSL) {
		p.config.TLS = TLS{}
		return nil
	}
	if p.over.TLS.CAPEM == "" {
		if err := p.readTrustStore(); err != nil {
			return err
		}
	}
	if p.over.TLS.CertificatePEM != "" || p.over.TLS.PrivateKeyPEM != "" {
		return nil
	}
	return p.readKeyStore()
}

// readByFinish is the reader of the keys that finish reads.
func readByFinish(*Config, string) error { return nil }

// keyError never shows the value, which may be a secret.
func keyError(key, format string, args ...any) error {
	return &ConfigError{Field: "properties", Key: key, Reason: fmt.Sprintf(format, args...)}
}

// wantOneOf accepts only the values that describe what this client does anyway.
func wantOneOf(values ...string) func(*Config, string) error {
	return func(_ *Config, value string) error {
		if slices.Contains(values, value) {
			return nil
		}
		if len(values) == 1 {
			return fmt.Errorf("is not supported by this client: remove it")
		}
		return fmt.Errorf("has a value that this client does not support: use %s", strings.Join(values[1:], ", "))
	}
}

func readHeaderURLEncode(c *Config, value string) error {
	c.SASL.OAuth.HeaderURLEncode = strings.EqualFold(value, "true")
	if !c.SASL.OAuth.HeaderURLEncode && !strings.EqualFold(value, "false") {
		return fmt.Errorf("must be true or false")
	}
	return nil
}

func millis(value string) (time.Duration, error) {
	n, err := strconv.ParseInt(value, 10, 32)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("must be a positive number of milliseconds")
	}
	return time.Duration(n) * time.Millisecond, nil
}

func readBootstrapServers(c *Config, value string) error {
	for _, s := range list(value) {
		// Java also accepts a listener name in front: SASL_SSL://host:port.
		if _, address, ok := strings.Cut(s, "://"); ok {
			s = address
		}
		c.BootstrapServers = append(c.BootstrapServers, s)
	}
	return nil
}

func readSecurityProtocol(c *Config, value string) error {
	c.SecurityProtocol = strings.ToUpper(value)
	if !slices.Contains(javaformat.SecurityProtocols(), c.SecurityProtocol) {
		return fmt.Errorf("must be one of %s", strings.Join(javaformat.SecurityProtocols(), ", "))
	}
	return nil
}

// list splits a comma-separated value as Kafka's ConfigDef does.
func list(value string) []string {
	var out []string
	for s := range strings.SplitSeq(value, ",") {
		if s = trimAsJava(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

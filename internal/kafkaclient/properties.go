package kafkaclient

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// ParseProperties reads the text of a Java client properties file, as every Kafka operator has one. It returns
// the keys that do not bear on how an admin client connects, such as acks, sorted: Java's admin client passes
// over them, too.
//
// A key that does bear on it and cannot be honoured is a *ConfigError that names it: key stores other than
// PEM, Kerberos, classes to load, configuration providers. So is a key of the security namespaces (ssl, sasl,
// security) that is not known, as a security setting with a typo is one that is missing.
func ParseProperties(text string) (config Config, ignored []string, err error) {
	values, err := javaformat.DecodeProperties(text)
	if err != nil {
		return Config{}, nil, &ConfigError{Field: "properties", Reason: "cannot be read: " + err.Error()}
	}
	p := &propertiesFile{values: values}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if err := p.read(key); err != nil {
			return Config{}, nil, err
		}
	}
	if err := p.finish(); err != nil {
		return Config{}, nil, err
	}
	return p.config, p.ignored, nil
}

// propertiesFile is a properties file on its way to a Config.
type propertiesFile struct {
	values  map[string]string
	config  Config
	ignored []string
}

// readers take the value of one key each. Keys that only make sense together are read by finish.
var readers = map[string]func(c *Config, value string) error{
	"bootstrap.servers":                                 readBootstrapServers,
	"security.protocol":                                 readSecurityProtocol,
	"client.id":                                         func(c *Config, v string) error { c.ClientID = v; return nil },
	"client.dns.lookup":                                 wantOneOf("", "use_all_dns_ips", "default"),
	"request.timeout.ms":                                func(c *Config, v string) (err error) { c.RequestTimeout, err = millis(v); return },
	"socket.connection.setup.timeout.ms":                func(c *Config, v string) (err error) { c.DialTimeout, err = millis(v); return },
	"sasl.mechanism":                                    func(c *Config, v string) error { c.SASL.Mechanism = v; return nil },
	"sasl.jaas.config":                                  together,
	"sasl.client.callback.handler.class":                wantOneOf("", "software.amazon.msk.auth.iam.IAMClientCallbackHandler"),
	"sasl.login.callback.handler.class":                 wantOneOf(append([]string{""}, oauthHandlers...)...),
	"sasl.login.class":                                  wantOneOf(""),
	"sasl.oauthbearer.token.endpoint.url":               readTokenEndpoint,
	"sasl.oauthbearer.scope":                            func(c *Config, v string) error { c.SASL.OAuth.Scope = v; return nil },
	"sasl.oauthbearer.header.urlencode":                 wantOneOf("", "false"),
	"sasl.oauthbearer.jwt.retriever.class":              wantOneOf(append([]string{""}, oauthRetrievers...)...),
	"ssl.protocol":                                      wantOneOf("", "TLS", "TLSv1.2", "TLSv1.3"),
	"ssl.enabled.protocols":                             readEnabledProtocols,
	"ssl.endpoint.identification.algorithm":             readIdentification,
	"ssl.cipher.suites":                                 wantOneOf(""),
	"ssl.provider":                                      wantOneOf(""),
	"ssl.engine.factory.class":                          wantOneOf(""),
	"security.providers":                                wantOneOf(""),
	"ssl.truststore.type":                               together,
	"ssl.truststore.location":                           together,
	"ssl.truststore.certificates":                       together,
	"ssl.truststore.password":                           together,
	"ssl.keystore.type":                                 together,
	"ssl.keystore.location":                             together,
	"ssl.keystore.key":                                  together,
	"ssl.keystore.certificate.chain":                    together,
	"ssl.keystore.password":                             together,
	"ssl.key.password":                                  together,
	"sasl.oauthbearer.client.credentials.client.id":     func(c *Config, v string) error { c.SASL.OAuth.ClientID = v; return nil },
	"sasl.oauthbearer.client.credentials.client.secret": func(c *Config, v string) error { c.SASL.OAuth.ClientSecret = v; return nil },
}

// tuning are prefixes of security keys that change how often something is tried or what a broker checks, and
// nothing about whom a client trusts or is.
var tuning = []string{
	"sasl.kerberos.", // without effect but for GSSAPI, which is refused by its name
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
		return keyError(key, "refers to a configuration provider, which only a Java client resolves: give the value itself")
	case known:
		if err := reader(&p.config, value); err != nil {
			return keyError(key, "%s", err)
		}
	case slices.ContainsFunc(tuning, starts):
		p.ignored = append(p.ignored, key)
	case starts("ssl.") || starts("sasl.") || starts("security."):
		return keyError(key, "is not a security setting that this client knows")
	default:
		p.ignored = append(p.ignored, key)
	}
	return nil
}

// finish reads the keys that depend on each other.
func (p *propertiesFile) finish() error {
	if p.config.SecurityProtocol == "" {
		p.config.SecurityProtocol = javaformat.Plaintext // Java's default, whatever else is given
	}
	usesSASL := strings.HasPrefix(p.config.SecurityProtocol, "SASL_")
	if usesSASL {
		if err := p.readSASL(); err != nil {
			return err
		}
	} else {
		p.config.SASL = SASL{} // as for a Java client, without effect
	}
	if !strings.HasSuffix(p.config.SecurityProtocol, javaformat.SSL) {
		p.config.TLS = TLS{}
		return nil
	}
	if err := p.readTrustStore(); err != nil {
		return err
	}
	return p.readKeyStore()
}

// together is the reader of keys that finish reads.
func together(*Config, string) error { return nil }

// keyError holds no value: it may be a secret.
func keyError(key, format string, args ...any) error {
	return &ConfigError{Field: "properties", Key: key, Reason: fmt.Sprintf(format, args...)}
}

// wantOneOf refuses every value but those that ask for what this client does anyway.
func wantOneOf(values ...string) func(*Config, string) error {
	return func(_ *Config, value string) error {
		if slices.Contains(values, value) {
			return nil
		}
		if len(values) == 1 {
			return fmt.Errorf("cannot be honoured by this client: leave it out")
		}
		return fmt.Errorf("cannot be honoured by this client; what it can do is %s", strings.Join(values[1:], ", "))
	}
}

func millis(value string) (time.Duration, error) {
	n, err := strconv.ParseInt(strings.TrimSpace(value), 10, 32)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("is not a number of milliseconds above zero")
	}
	return time.Duration(n) * time.Millisecond, nil
}

func readBootstrapServers(c *Config, value string) error {
	for _, s := range list(value) {
		// Java takes listener names, too: SASL_SSL://host:port.
		if _, address, ok := strings.Cut(s, "://"); ok {
			s = address
		}
		c.BootstrapServers = append(c.BootstrapServers, s)
	}
	return nil
}

func readSecurityProtocol(c *Config, value string) error {
	c.SecurityProtocol = strings.ToUpper(strings.TrimSpace(value))
	if err := (Config{SecurityProtocol: c.SecurityProtocol}).validateProtocol(); err != nil {
		return fmt.Errorf("is none that Kafka has")
	}
	return nil
}

// list splits a value as Kafka's ConfigDef splits lists.
func list(value string) []string {
	var out []string
	for s := range strings.SplitSeq(value, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

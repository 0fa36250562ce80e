package kafkaclient

import (
	"encoding/pem"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Java classes whose behaviour this client has built in.
var (
	oauthHandlers = []string{
		"org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler",
		"org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
	}
	oauthRetrievers = []string{
		"org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever",
		"org.apache.kafka.common.security.oauthbearer.ClientCredentialsJwtRetriever",
		"org.apache.kafka.common.security.oauthbearer.FileJwtRetriever",
	}
)

// readTokenEndpoint reads the URL of a token endpoint, or of a file that holds a token (KIP-768).
func readTokenEndpoint(c *Config, value string) error {
	u, err := url.Parse(value)
	if err != nil {
		return errors.New("is not a URL")
	}
	if u.Scheme == "file" {
		c.SASL.OAuth.TokenFile = u.Path
	} else {
		c.SASL.OAuth.TokenEndpoint = value
	}
	return nil
}

// readSASL reads the mechanism and the JAAS configuration, whose login module must match the mechanism.
//
// Credentials that take precedence need neither in the file. With another mechanism, nothing in the file fits them.
func (p *propertiesFile) readSASL() error {
	mechanism, wanted := p.config.SASL.Mechanism, p.over.SASL.Mechanism
	switch {
	case wanted != "" && mechanism != "" && wanted != mechanism:
		p.config.SASL = SASL{}
		return nil
	case wanted != "":
		mechanism = wanted
	}
	p.config.SASL.Mechanism = mechanism
	switch {
	case p.values["sasl.jaas.config"] == "" && !p.over.SASL.isZero():
		return nil
	case mechanism == "" || mechanism == javaformat.GSSAPI:
		return keyError("sasl.mechanism", "is GSSAPI (Kafka's default), but this client does not support Kerberos: use %s", strings.Join(Mechanisms(), ", "))
	case !slices.Contains(Mechanisms(), mechanism):
		return keyError("sasl.mechanism", "must be one of %s", strings.Join(Mechanisms(), ", "))
	}
	text := p.values["sasl.jaas.config"]
	if text == "" {
		return keyError("sasl.jaas.config", "is missing: set it, because this client cannot read a JAAS file of the JVM")
	}
	jaas, err := javaformat.ParseJAAS(text)
	switch {
	case err != nil:
		return keyError("sasl.jaas.config", "cannot be read: %s", err)
	case jaas.Module != javaformat.LoginModule(mechanism):
		return keyError("sasl.jaas.config", "must name %s for %s", javaformat.LoginModule(mechanism), mechanism)
	}
	return p.readJAAS(mechanism, jaas.Options)
}

func (p *propertiesFile) readJAAS(mechanism string, options map[string]string) error {
	const key = "sasl.jaas.config"
	s := &p.config.SASL
	switch mechanism {
	case javaformat.Plain, javaformat.ScramSHA256, javaformat.ScramSHA512:
		s.Username, s.Password = options["username"], options["password"]
		s.TokenAuth = strings.EqualFold(options["tokenauth"], "true")
		if s.Username == "" || s.Password == "" {
			return keyError(key, "must contain username and password")
		}
	case javaformat.AWSMSKIAM:
		for name, value := range options {
			switch name {
			case "awsProfileName":
				s.AWS.Profile = value
			case "awsRoleArn":
				s.AWS.RoleARN = value
			case "awsDebugCreds", "awsRoleSessionName": // change neither credentials nor permissions
			default:
				return keyError(key, "has option %s, which this client does not support: set AWS credentials in sasl.aws or in the environment", name)
			}
		}
	case javaformat.OAuthBearer:
		return p.readOAuth(options)
	}
	return nil
}

// readOAuth reads the options of Kafka's login module for OAUTHBEARER. Before 4.1 they were the only place for client
// credentials (KIP-1139).
func (p *propertiesFile) readOAuth(options map[string]string) error {
	const key = "sasl.jaas.config"
	o := &p.config.SASL.OAuth
	ca, err := store(options, "ssl.truststore", "ssl.truststore.certificates", options["ssl.truststore.certificates"])
	if err != nil {
		return err
	}
	o.CAPEM = ca
	for name, value := range options {
		extension, isExtension := strings.CutPrefix(name, "extension_")
		switch {
		case name == "clientId":
			o.ClientID = value
		case name == "clientSecret":
			o.ClientSecret = value
		case name == "scope":
			o.Scope = value
		case isExtension:
			if o.Extensions == nil {
				o.Extensions = map[string]string{}
			}
			o.Extensions[extension] = value
		case strings.HasPrefix(name, "ssl.truststore."): // read above
		default:
			return keyError(key, "has option %s, which this client does not support: remove the option", name)
		}
	}
	if o.TokenEndpoint == "" && o.TokenFile == "" {
		return keyError("sasl.oauthbearer.token.endpoint.url", "is missing: set it, because this client does not create unsecured tokens as Java clients do")
	}
	return nil
}

// readEnabledProtocols reads the lowest and the highest of the TLS versions.
func readEnabledProtocols(c *Config, value string) error {
	versions := list(value)
	for _, v := range versions {
		if _, ok := tlsVersions[v]; !ok {
			return errors.New("may contain only TLSv1.2 and TLSv1.3")
		}
	}
	if len(versions) == 0 {
		return nil
	}
	c.TLS.MinVersion, c.TLS.MaxVersion = slices.Min(versions), slices.Max(versions)
	return nil
}

func readIdentification(c *Config, value string) error {
	switch strings.ToLower(value) {
	case "https":
	case "":
		c.TLS.SkipHostnameVerify = true
	default:
		return errors.New("must be https or empty")
	}
	return nil
}

// readTrustStore reads PEM certificates from a file or from the setting itself (KIP-651).
func (p *propertiesFile) readTrustStore() error {
	text, err := store(p.values, "ssl.truststore", "ssl.truststore.certificates", p.values["ssl.truststore.certificates"])
	if err != nil || text == "" {
		return err
	}
	p.config.TLS.CAPEM = text
	return nil
}

// readKeyStore reads a PEM private key and its certificate chain.
func (p *propertiesFile) readKeyStore() error {
	if p.values["ssl.key.password"] != "" {
		return keyError("ssl.key.password", "is not supported: decrypt the private key, and remove this setting")
	}
	key, chain := p.values["ssl.keystore.key"], p.values["ssl.keystore.certificate.chain"]
	text, err := store(p.values, "ssl.keystore", "ssl.keystore.key", key+chain)
	if err != nil || text == "" {
		return err
	}
	if key == "" && chain == "" {
		key, chain = splitPEM(text)
	}
	switch {
	case key == "":
		return keyError("ssl.keystore.key", "is missing: the key store contains no private key")
	case chain == "":
		return keyError("ssl.keystore.certificate.chain", "is missing: the key store contains no certificate")
	}
	p.config.TLS.PrivateKeyPEM, p.config.TLS.CertificatePEM = key, chain
	return nil
}

// store returns the PEM text of a trust store or key store, or "" if none is set. As in Java, the type must be set to
// PEM, and a password is an error.
func store(values map[string]string, prefix, inlineKey, inline string) (string, error) {
	location, kind := values[prefix+".location"], values[prefix+".type"]
	switch {
	case inline == "" && location == "":
		return "", nil
	case inline != "" && location != "":
		return "", keyError(prefix+".location", "conflicts with %s: remove one of them", inlineKey)
	case kind != "PEM" && location != "":
		return "", keyError(prefix+".location", "is a Java key store, which this client cannot read: convert it to PEM and set %s.type=PEM", prefix)
	case kind != "PEM":
		return "", keyError(prefix+".type", "must be PEM for %s", inlineKey)
	case values[prefix+".password"] != "":
		return "", keyError(prefix+".password", "must not be set for a store of type PEM")
	case inline != "":
		return inline, nil
	}
	text, err := os.ReadFile(location) // #nosec G304 -- the path is the user's own setting
	if err != nil {
		return "", keyError(prefix+".location", "cannot be read: %s", err)
	}
	return string(text), nil
}

// splitPEM separates private keys from certificates.
func splitPEM(text string) (key, chain string) {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return key, chain
		}
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			key += string(pem.EncodeToMemory(block))
		} else {
			chain += string(pem.EncodeToMemory(block))
		}
	}
}

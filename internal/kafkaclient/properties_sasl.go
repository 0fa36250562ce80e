package kafkaclient

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/kafkaconnect/terraform-provider-kafkaconnect/internal/javaformat"
)

// Classes that ask for what this client does itself.
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

// readTokenEndpoint takes the URL of an endpoint (KIP-768) or of a file that something else keeps fresh.
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

// readSASL reads mechanism and login module, which must go together.
func (p *propertiesFile) readSASL() error {
	mechanism := p.config.SASL.Mechanism
	switch {
	case mechanism == "" || mechanism == javaformat.GSSAPI:
		return keyError("sasl.mechanism", "is GSSAPI, Kafka's default: this client has no Kerberos login, only %s", strings.Join(Mechanisms(), ", "))
	case !slices.Contains(Mechanisms(), mechanism):
		return keyError("sasl.mechanism", "must be one of %s", strings.Join(Mechanisms(), ", "))
	}
	text := p.values["sasl.jaas.config"]
	if text == "" {
		return keyError("sasl.jaas.config", "is missing: only a Java client looks for a JAAS file of its JVM")
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
			return keyError(key, "must give username and password")
		}
	case javaformat.AWSMSKIAM:
		for name := range options {
			if name != "awsDebugCreds" {
				return keyError(key, "has option %s, which this client cannot honour: it takes AWS credentials from its own settings or the environment", name)
			}
		}
	case javaformat.OAuthBearer:
		return p.readOAuth(options)
	}
	return nil
}

// readOAuth takes the options of Kafka's own login for OAUTHBEARER. Before 4.1 they were the only place for a
// client's credentials (KIP-1139).
func (p *propertiesFile) readOAuth(options map[string]string) error {
	const key = "sasl.jaas.config"
	o := &p.config.SASL.OAuth
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
		default:
			return keyError(key, "has option %s, which this client cannot honour", name)
		}
	}
	if o.TokenEndpoint == "" && o.TokenFile == "" {
		return keyError("sasl.oauthbearer.token.endpoint.url", "is missing: without it a Java client makes unsecured tokens, for tests")
	}
	return nil
}

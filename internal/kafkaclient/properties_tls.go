package kafkaclient

import (
	"encoding/pem"
	"errors"
	"os"
	"slices"
	"strings"
)

// readEnabledProtocols takes a set of TLS versions without a gap.
func readEnabledProtocols(c *Config, value string) error {
	versions := list(value)
	for _, v := range versions {
		if _, ok := tlsVersions[v]; !ok {
			return errors.New("may hold only TLSv1.2 and TLSv1.3")
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

// readTrustStore takes certificates in PEM form, from a file or from the setting itself (KIP-651).
func (p *propertiesFile) readTrustStore() error {
	text, err := p.store("ssl.truststore", "ssl.truststore.certificates", p.values["ssl.truststore.certificates"])
	if err != nil || text == "" {
		return err
	}
	p.config.TLS.CAPEM = text
	return nil
}

// readKeyStore takes a private key and its certificate chain in PEM form.
func (p *propertiesFile) readKeyStore() error {
	if p.values["ssl.key.password"] != "" {
		return keyError("ssl.key.password", "cannot be honoured: this client reads private keys that are not encrypted")
	}
	key, chain := p.values["ssl.keystore.key"], p.values["ssl.keystore.certificate.chain"]
	text, err := p.store("ssl.keystore", "ssl.keystore.key", key+chain)
	if err != nil || text == "" {
		return err
	}
	if key == "" && chain == "" {
		key, chain = splitPEM(text)
	}
	switch {
	case key == "":
		return keyError("ssl.keystore.key", "is missing: the key store holds no private key")
	case chain == "":
		return keyError("ssl.keystore.certificate.chain", "is missing: the key store holds no certificate")
	}
	p.config.TLS.PrivateKeyPEM, p.config.TLS.CertificatePEM = key, chain
	return nil
}

// store returns the PEM text of a trust or key store, empty when there is none. Like Java, it wants type PEM
// named, and no password with it.
func (p *propertiesFile) store(prefix, inlineKey, inline string) (string, error) {
	location, kind := p.values[prefix+".location"], p.values[prefix+".type"]
	switch {
	case inline == "" && location == "":
		return "", nil
	case inline != "" && location != "":
		return "", keyError(prefix+".location", "cannot be given together with %s", inlineKey)
	case kind != "PEM" && location != "":
		return "", keyError(prefix+".location", "is a Java key store, which this client cannot read: convert it to PEM and set %s.type=PEM", prefix)
	case kind != "PEM":
		return "", keyError(prefix+".type", "must be PEM for %s", inlineKey)
	case p.values[prefix+".password"] != "":
		return "", keyError(prefix+".password", "cannot be given for a store of type PEM")
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

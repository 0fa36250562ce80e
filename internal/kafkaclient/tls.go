package kafkaclient

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
)

// tlsVersions are the supported versions by their names in Java.
var tlsVersions = map[string]uint16{"TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}

func (t TLS) config() (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName, InsecureSkipVerify: t.InsecureSkipVerify} //nolint:gosec // the user sets it explicitly
	var err error
	if config.MinVersion, err = tlsVersion("tls.min_version", t.MinVersion, tls.VersionTLS12); err != nil {
		return nil, err
	}
	if config.MaxVersion, err = tlsVersion("tls.max_version", t.MaxVersion, 0); err != nil {
		return nil, err
	}
	if config.MaxVersion != 0 && config.MaxVersion < config.MinVersion {
		return nil, &ConfigError{Field: "tls.max_version", Reason: "is below the minimum version"}
	}
	if t.CAPEM != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(t.CAPEM)) {
			return nil, &ConfigError{Field: "tls.ca_pem", Reason: "contains no certificate in PEM format"}
		}
	}
	if t.CertificatePEM != "" || t.PrivateKeyPEM != "" {
		pair, err := t.keyPair()
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	if t.SkipHostnameVerify && !t.InsecureSkipVerify {
		config.InsecureSkipVerify = true
		config.VerifyConnection = verifyChainOnly(config.RootCAs)
	}
	return config, nil
}

func tlsVersion(field, name string, defaultVersion uint16) (uint16, error) {
	if name == "" {
		return defaultVersion, nil
	}
	if v, ok := tlsVersions[name]; ok {
		return v, nil
	}
	return 0, &ConfigError{Field: field, Reason: "must be TLSv1.2 or TLSv1.3"}
}

// verifyChainOnly checks that a trusted authority signed the broker's certificate, but not the host name in it.
func verifyChainOnly(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the broker sent no certificate")
		}
		options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, c := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(options)
		return err
	}
}

// keyPair parses certificate and key. Its errors quote no key material.
func (t TLS) keyPair() (tls.Certificate, error) {
	switch {
	case t.CertificatePEM == "":
		return tls.Certificate{}, &ConfigError{Field: "tls.certificate_pem", Reason: "is required with private_key_pem"}
	case t.PrivateKeyPEM == "":
		return tls.Certificate{}, &ConfigError{Field: "tls.private_key_pem", Reason: "is required with certificate_pem"}
	}
	key := []byte(t.PrivateKeyPEM)
	block, _ := pem.Decode(key)
	switch {
	case block == nil:
		return tls.Certificate{}, &ConfigError{Field: "tls.private_key_pem", Reason: "contains no key in PEM format"}
	case block.Type == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
		return tls.Certificate{}, &ConfigError{Field: "tls.private_key_pem", Reason: "is encrypted: decrypt the key first, with openssl pkey"}
	}
	pair, err := tls.X509KeyPair([]byte(t.CertificatePEM), key)
	if err != nil {
		return tls.Certificate{}, &ConfigError{Field: "tls.certificate_pem", Reason: "does not match the private key: " + err.Error()}
	}
	return pair, nil
}

// subject returns the principal of the client's certificate by Kafka's default mapping rule.
func (t TLS) subject() string {
	block, _ := pem.Decode([]byte(t.CertificatePEM))
	if block != nil {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			return "User:" + c.Subject.String()
		}
	}
	return "the client certificate"
}

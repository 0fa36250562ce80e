package stack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Certificates names the PEM files for clients of the stack's TLS listeners. They are made for this stack alone. Server
// certificates are for localhost and 127.0.0.1.
type Certificates struct {
	CAFile         string `json:"ca_file"`          // the authority of all certificates here
	ClientCertFile string `json:"client_cert_file"` // the client's certificate, CN=client
	ClientKeyFile  string `json:"client_key_file"`  // the client's key, PKCS#8
	ServerFile     string `json:"server_file"`      // key and certificate of brokers and workers, and the authority
}

// ClientConfig returns the TLS settings of a client that trusts the stack and shows the client's certificate.
func (c Certificates) ClientConfig() (*tls.Config, error) {
	ca, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, fmt.Errorf("no certificate in %s", c.CAFile)
	}
	client, err := tls.LoadX509KeyPair(c.ClientCertFile, c.ClientKeyFile)
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{client}, MinVersion: tls.VersionTLS12}, nil
}

// serverProperties returns the ssl settings of a broker. They contain the key itself, because brokers before 3.0 refuse a
// PEM file with an unencrypted key.
func (c Certificates) serverProperties() (map[string]string, error) {
	text, err := os.ReadFile(c.ServerFile)
	return map[string]string{
		"ssl.keystore.type":              "PEM",        // KIP-651
		"ssl.keystore.key":               string(text), // Kafka ignores the certificates in it
		"ssl.keystore.certificate.chain": string(text), // and the key in it
		"ssl.truststore.type":            "PEM",
		"ssl.truststore.location":        c.CAFile,
	}, err
}

// identity is a certificate with its key.
type identity struct {
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	keyPEM []byte // PKCS#8
}

// makeCertificates makes an authority and the certificates of a server and a client, and writes them to the folder.
func makeCertificates(folder string) (Certificates, error) {
	c := Certificates{
		CAFile:         filepath.Join(folder, "ca.pem"),
		ClientCertFile: filepath.Join(folder, "client.pem"),
		ClientKeyFile:  filepath.Join(folder, "client-key.pem"),
		ServerFile:     filepath.Join(folder, "server.pem"),
	}
	ca, err := newIdentity(&x509.Certificate{
		Subject: pkix.Name{CommonName: "stack authority"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil)
	if err != nil {
		return c, err
	}
	server, err := newIdentity(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "localhost"},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.ParseIP(loopback)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		// A worker also sends requests to other workers with this certificate.
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, ca)
	if err != nil {
		return c, err
	}
	client, err := newIdentity(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "client"},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca)
	if err != nil {
		return c, err
	}
	return c, errors.Join(os.MkdirAll(folder, 0o700), c.write(ca, server, client))
}

func (c Certificates) write(ca, server, client *identity) error {
	return errors.Join(
		os.WriteFile(c.CAFile, ca.certPEM(), 0o600),
		os.WriteFile(c.ClientCertFile, client.certPEM(), 0o600),
		os.WriteFile(c.ClientKeyFile, client.keyPEM, 0o600),
		os.WriteFile(c.ServerFile, slices.Concat(server.keyPEM, server.certPEM(), ca.certPEM()), 0o600),
	)
}

func (i *identity) certPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.cert.Raw})
}

// newIdentity makes a key and signs its certificate with the authority's key. Without an authority it is self-signed.
func newIdentity(cert *x509.Certificate, authority *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	cert.SerialNumber = serial
	cert.NotBefore = time.Now().Add(-time.Hour) // clocks differ
	cert.NotAfter = time.Now().AddDate(1, 0, 0)
	cert.BasicConstraintsValid = true
	if authority == nil {
		authority = &identity{cert: cert, key: key}
	}
	raw, err := x509.CreateCertificate(rand.Reader, cert, authority.cert, key.Public(), authority.key)
	if err != nil {
		return nil, err
	}
	signed, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, err
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	return &identity{signed, key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})}, err
}

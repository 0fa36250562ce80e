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
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Certificates is what a client of the stack's TLS listeners needs, for Go and Terraform as PEM and for Java as PKCS#12.
// All is made for this stack alone; server certificates are for localhost and 127.0.0.1.
type Certificates struct {
	CAFile          string `json:"ca_file"`           // PEM: the authority of all certificates here
	ClientCertFile  string `json:"client_cert_file"`  // PEM: the client's certificate, CN=client
	ClientKeyFile   string `json:"client_key_file"`   // PEM: its key, PKCS#8
	TrustStoreFile  string `json:"trust_store_file"`  // PKCS#12: the authority
	KeyStoreFile    string `json:"key_store_file"`    // PKCS#12: the client's certificate and key
	StorePassword   string `json:"store_password"`    // of the stores
	ServerStoreFile string `json:"server_store_file"` // PKCS#12: what brokers and workers show
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

// serverProperties are the ssl settings of a broker, or with a prefix of a worker's REST API.
func (c Certificates) serverProperties() map[string]string {
	return map[string]string{
		"ssl.keystore.type":       "PKCS12",
		"ssl.keystore.location":   c.ServerStoreFile,
		"ssl.keystore.password":   c.StorePassword,
		"ssl.key.password":        c.StorePassword,
		"ssl.truststore.type":     "PKCS12",
		"ssl.truststore.location": c.TrustStoreFile,
		"ssl.truststore.password": c.StorePassword,
	}
}

// identity is a certificate with its key.
type identity struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// makeCertificates makes an authority, a server's and a client's certificate and writes them to the folder.
func makeCertificates(folder string) (Certificates, error) {
	c := Certificates{
		CAFile:          filepath.Join(folder, "ca.pem"),
		ClientCertFile:  filepath.Join(folder, "client.pem"),
		ClientKeyFile:   filepath.Join(folder, "client-key.pem"),
		TrustStoreFile:  filepath.Join(folder, "trust.p12"),
		KeyStoreFile:    filepath.Join(folder, "client.p12"),
		StorePassword:   randomHex(8),
		ServerStoreFile: filepath.Join(folder, "server.p12"),
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
		// A worker also calls other workers with it.
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
	key, err := x509.MarshalPKCS8PrivateKey(client.key)
	if err != nil {
		return err
	}
	trust, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{ca.cert}, c.StorePassword)
	if err != nil {
		return err
	}
	clientStore, err := pkcs12.Modern.Encode(client.key, client.cert, []*x509.Certificate{ca.cert}, c.StorePassword)
	if err != nil {
		return err
	}
	serverStore, err := pkcs12.Modern.Encode(server.key, server.cert, []*x509.Certificate{ca.cert}, c.StorePassword)
	if err != nil {
		return err
	}
	certPEM := func(c *x509.Certificate) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return errors.Join(
		os.WriteFile(c.CAFile, certPEM(ca.cert), 0o600),
		os.WriteFile(c.ClientCertFile, certPEM(client.cert), 0o600),
		os.WriteFile(c.ClientKeyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600),
		os.WriteFile(c.TrustStoreFile, trust, 0o600),
		os.WriteFile(c.KeyStoreFile, clientStore, 0o600),
		os.WriteFile(c.ServerStoreFile, serverStore, 0o600),
	)
}

// newIdentity makes a key and completes and signs its certificate: by the authority, or by itself when that is nil.
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
		authority = &identity{cert, key}
	}
	raw, err := x509.CreateCertificate(rand.Reader, cert, authority.cert, key.Public(), authority.key)
	if err != nil {
		return nil, err
	}
	signed, err := x509.ParseCertificate(raw)
	return &identity{signed, key}, err
}

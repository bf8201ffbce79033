package env_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

func TestTLSNames(t *testing.T) {
	for _, row := range []struct {
		why, protocol, cipher string
		version, suite        uint16
	}{
		{"Apache and nginx, TLS 1.3", "TLSv1.3", "TLS_AES_128_GCM_SHA256", tls.VersionTLS13, tls.TLS_AES_128_GCM_SHA256},
		{"OpenSSL's name of a suite", "TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		{"OpenSSL leaves the hash out", "TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305", tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256},
		{"OpenSSL leaves the mode out", "TLSv1.2", "ECDHE-RSA-AES256-SHA", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA},
		{"IANA's name of a suite", "TLSv1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		{"TLS 1.0 has no dot", "TLSv1", "AES128-SHA", tls.VersionTLS10, tls.TLS_RSA_WITH_AES_128_CBC_SHA},
		{"TLS 1.1", "TLSv1.1", "DES-CBC3-SHA", tls.VersionTLS11, tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA},
		{"what nobody knows stays zero", "SSLv9", "ROT13", 0, 0},
		{"a part of a name is no name", "TLSv1.3", "TLS_", tls.VersionTLS13, 0},
		{"nothing stays zero", "", "", 0, 0},
	} {
		r, err := lines(plain + "HTTPS=on\nSSL_PROTOCOL=" + row.protocol + "\nSSL_CIPHER=" + row.cipher + "\n").Request()
		require.NoError(t, err, row.why)
		require.Equal(t, row.version, r.TLS.Version, row.why)
		require.Equal(t, row.suite, r.TLS.CipherSuite, row.why)
	}
}

// Every suite of crypto/tls is found by the name that FromRequest gives it.
func TestTLSRoundTrip(t *testing.T) {
	suites := append(tls.CipherSuites(), tls.InsecureCipherSuites()...)
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		for _, suite := range suites {
			r := get("http://h.test/")
			r.TLS = &tls.ConnectionState{Version: version, CipherSuite: suite.ID, ServerName: "sni.test"}
			back, err := env.FromRequest(r).Request()
			require.NoError(t, err)
			require.Equal(t, version, back.TLS.Version)
			require.Equal(t, suite.ID, back.TLS.CipherSuite, suite.Name)
			require.Equal(t, "sni.test", back.TLS.ServerName)
			require.True(t, back.TLS.HandshakeComplete)
		}
	}
}

func TestTLSState(t *testing.T) {
	r, err := lines(plain + "SSL_PROTOCOL=TLSv1.3\n").Request()
	require.NoError(t, err)
	require.Nil(t, r.TLS, "SSL_ variables alone make no TLS")

	r, err = lines(plain + "HTTPS=on\nSSL_TLS_SNI=sni.test\nSSL_SESSION_RESUMED=Resumed\n").Request()
	require.NoError(t, err)
	require.Equal(t, "sni.test", r.TLS.ServerName, "the name that the client asked for")
	require.True(t, r.TLS.DidResume)

	r, err = lines(plain + "HTTPS=on\n").Request()
	require.NoError(t, err)
	require.True(t, r.TLS.HandshakeComplete)
	require.Empty(t, r.TLS.ServerName, "Host is what the client says twice; it is no proof of what it asked for")
}

func TestTLSCertificate(t *testing.T) {
	leaf, text := certificate(t, "leaf")
	issuer, issuerText := certificate(t, "issuer")
	for _, row := range []struct {
		why  string
		vars map[string]string
		want []*x509.Certificate
	}{
		{"plain PEM, as Apache exports it", map[string]string{"SSL_CLIENT_CERT": text}, []*x509.Certificate{leaf}},
		{"nginx's $ssl_client_cert: a tab before each line but the first", map[string]string{"SSL_CLIENT_CERT": strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n\t")}, []*x509.Certificate{leaf}},
		{"nginx's $ssl_client_escaped_cert", map[string]string{"SSL_CLIENT_CERT": url.PathEscape(text)}, []*x509.Certificate{leaf}},
		{"the chain that Apache exports", map[string]string{"SSL_CLIENT_CERT": text, "SSL_CLIENT_CERT_CHAIN_0": issuerText}, []*x509.Certificate{leaf, issuer}},
		{"a chain without a leaf is none", map[string]string{"SSL_CLIENT_CERT_CHAIN_0": issuerText}, nil},
		{"nothing", map[string]string{"SSL_CLIENT_CERT": ""}, nil},
		{"no PEM", map[string]string{"SSL_CLIENT_CERT": "x"}, nil},
		{"PEM of something else", map[string]string{"SSL_CLIENT_CERT": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, nil},
		{"a bad escape", map[string]string{"SSL_CLIENT_CERT": "-----BEGIN%20%zz"}, nil},
	} {
		for _, verify := range []string{"", "NONE", "SUCCESS", "FAILED:self-signed certificate"} {
			v := lines(plain + "HTTPS=on\n")
			for name, value := range row.vars {
				v.Add(name, value)
			}
			v.Add("SSL_CLIENT_VERIFY", verify)
			r, err := v.Request()
			require.NoError(t, err, row.why)
			require.Equal(t, row.want, r.TLS.PeerCertificates, row.why)
			require.Equal(t, verify == "SUCCESS" && row.want != nil, r.TLS.VerifiedChains != nil, "only what the web server verified counts as verified")
		}
	}
}

func certificate(t *testing.T, name string) (*x509.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotAfter: time.Unix(1<<32, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

package env

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"strings"
)

// tlsState tells what the web server's SSL_ variables say of the client's
// connection. What they do not say stays zero; a certificate that does not
// parse is left out.
func (b *builder) tlsState(host string) *tls.ConnectionState {
	state := &tls.ConnectionState{HandshakeComplete: true, ServerName: serverHost(host)}
	if !b.ssl {
		return state
	}
	v := b.vars
	state.Version = tlsVersion(v.Get("SSL_PROTOCOL"))
	state.CipherSuite = cipherSuite(v.Get("SSL_CIPHER"))
	if name := v.Get("SSL_TLS_SNI"); name != "" {
		state.ServerName = name
	}
	if cert := clientCertificate(v.Get("SSL_CLIENT_CERT")); cert != nil {
		state.PeerCertificates = []*x509.Certificate{cert}
	}
	return state
}

func tlsVersion(name string) uint16 {
	switch strings.ToLower(strings.ReplaceAll(name, " ", "")) {
	case "tlsv1", "tlsv1.0":
		return tls.VersionTLS10
	case "tlsv1.1":
		return tls.VersionTLS11
	case "tlsv1.2":
		return tls.VersionTLS12
	case "tlsv1.3":
		return tls.VersionTLS13
	}
	return 0
}

// cipherSuite understands the names of IANA (TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)
// and of OpenSSL (ECDHE-RSA-AES128-GCM-SHA256).
func cipherSuite(name string) uint16 {
	if name == "" {
		return 0
	}
	want := bareCipher(name)
	for _, list := range [][]*tls.CipherSuite{tls.CipherSuites(), tls.InsecureCipherSuites()} {
		for _, suite := range list {
			if strings.HasPrefix(bareCipher(suite.Name), want) {
				return suite.ID
			}
		}
	}
	return 0
}

var cipherNoise = strings.NewReplacer("TLS_", "", "WITH_", "", "_", "", "-", "")

func bareCipher(name string) string {
	return cipherNoise.Replace(strings.ToUpper(name))
}

// clientCertificate reads PEM as Apache and nginx pass it: plain, with
// its lines joined by tabs or spaces, or percent-encoded.
func clientCertificate(text string) *x509.Certificate {
	if strings.HasPrefix(text, "-----BEGIN%20") {
		text, _ = url.PathUnescape(text)
	}
	block, _ := pem.Decode([]byte(strings.ReplaceAll(text, "\t", "\n")))
	if block == nil {
		return nil
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil
	}
	return cert
}

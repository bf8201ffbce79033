package env

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/url"
	"strconv"
	"strings"
)

// tlsState tells what the web server's SSL_ variables say of the client's
// connection, by the names of Apache's mod_ssl. What they do not say stays
// zero; a certificate that does not parse is left out. VerifiedChains holds
// what is known of the chain when the web server says that it verified it.
func (b *RequestBuilder) tlsState() *tls.ConnectionState {
	state := &tls.ConnectionState{HandshakeComplete: true}
	if b.ssl == nil {
		return state
	}
	v := &Vars{list: b.ssl}
	state.Version = tlsVersion(v.Get("SSL_PROTOCOL"))
	state.CipherSuite = cipherSuite(v.Get("SSL_CIPHER"))
	state.ServerName = v.Get("SSL_TLS_SNI")
	state.DidResume = v.Get("SSL_SESSION_RESUMED") == "Resumed"
	state.PeerCertificates = clientChain(v)
	if state.PeerCertificates != nil && v.Get("SSL_CLIENT_VERIFY") == "SUCCESS" {
		state.VerifiedChains = [][]*x509.Certificate{state.PeerCertificates}
	}
	return state
}

// clientChain returns the client's certificate and those that Apache sends
// with it.
func clientChain(v *Vars) []*x509.Certificate {
	leaf := certificate(v.Get("SSL_CLIENT_CERT"))
	if leaf == nil {
		return nil
	}
	chain := []*x509.Certificate{leaf}
	for i := 0; ; i++ {
		cert := certificate(v.Get("SSL_CLIENT_CERT_CHAIN_" + strconv.Itoa(i)))
		if cert == nil {
			return chain
		}
		chain = append(chain, cert)
	}
}

// certificate reads PEM as Apache and nginx pass it: plain, with a tab before
// each line, or percent-encoded. It returns nil for anything else.
func certificate(text string) *x509.Certificate {
	if text == "" {
		return nil
	}
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

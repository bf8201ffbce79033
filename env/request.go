package env

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/postern-go/postern/headers"
)

// Request builds the request that the variables describe, as net/http.Server
// would have built it. Body and context are the caller's to set. An error says
// which variable is missing or malformed; the client deserves a 400 then.
//
// ContentLength is -1 when the variables do not say it (missing, empty or
// "-1"): a caller who knows that no body follows sets it to 0.
func (v *Vars) Request() (*http.Request, error) {
	b := RequestBuilder{fields: make([]field, 0, usualFields)}
	for i := range v.list {
		b.Add(v.list[i].Name, v.list[i].Value)
	}
	r := new(http.Request)
	if err := b.Fill(r, new(url.URL)); err != nil {
		return nil, err
	}
	return r, nil
}

// Fill is [Vars.Request] into memory of the caller: r, whose context stays as it
// is, and u, which becomes r.URL. It keeps neither; what is in r shares the memory
// of the strings that were added. It is called once for what was added.
func (b *RequestBuilder) Fill(r *http.Request, u *url.URL) error {
	if b.err != nil {
		return b.err
	}
	if b.hyphen {
		if err := b.checkTwins(); err != nil {
			return err
		}
	}
	if b.method == "" {
		return errors.New("env: REQUEST_METHOD is missing")
	}
	if !headers.ValidName(b.method) {
		return fmt.Errorf("env: REQUEST_METHOD %q is not a method", b.method)
	}
	b.fillHeader()
	var err error
	if r.Proto, r.ProtoMajor, r.ProtoMinor, err = parseProtocol(b.protocol); err != nil {
		return err
	}
	var targetHost string
	if r.RequestURI, targetHost, err = b.target(u); err != nil {
		return err
	}
	if err = b.length(r); err != nil {
		return err
	}
	secure := GuessScheme(b.https) == "https" || equalFold(b.scheme, "https")
	if r.Host, err = b.hostOf(targetHost, secure); err != nil {
		return err
	}
	if secure {
		r.TLS = b.tlsState()
	}
	if b.contentType != "" {
		b.add("Content-Type", b.contentType)
	}
	fixPragma(b.header)
	r.Method, r.URL, r.Header = b.method, u, b.header
	r.Close = shouldClose(r)
	if r.RemoteAddr = b.remote; r.RemoteAddr == "" {
		var room [64]byte
		r.RemoteAddr = string(appendRemote(room[:0], b.remoteAddr, b.remotePort))
	}
	return nil
}

// fixPragma does what net/http does for caches of HTTP/1.0 (RFC 9111, section 5.4).
func fixPragma(h http.Header) {
	if p := h["Pragma"]; len(p) > 0 && p[0] == "no-cache" && h["Cache-Control"] == nil {
		h["Cache-Control"] = []string{"no-cache"}
	}
}

// parseProtocol understands HTTP/d.d, HTTP/d (nginx says HTTP/2.0, others
// HTTP/2) and INCLUDED, which server-side includes send (RFC 3875, section
// 4.1.16). A missing protocol counts as HTTP/1.1.
func parseProtocol(s string) (proto string, major, minor int, err error) {
	switch s {
	case "HTTP/1.1", "":
		return "HTTP/1.1", 1, 1, nil
	case "HTTP/2", "HTTP/2.0":
		return "HTTP/2.0", 2, 0, nil
	case "HTTP/3", "HTTP/3.0":
		return "HTTP/3.0", 3, 0, nil
	case "INCLUDED":
		return s, 1, 0, nil
	}
	major, minor, ok := http.ParseHTTPVersion(s)
	if !ok {
		return "", 0, 0, fmt.Errorf("env: SERVER_PROTOCOL %q is not understood", s)
	}
	return s, major, minor, nil
}

// shouldClose reports whether the client wants no other request on its
// connection (RFC 9112, section 9.3).
func shouldClose(r *http.Request) bool {
	options := r.Header["Connection"]
	switch {
	case r.ProtoMajor < 1 || hasToken(options, "close"):
		return true
	case r.ProtoMajor == 1 && r.ProtoMinor == 0:
		return !hasToken(options, "keep-alive")
	}
	return false
}

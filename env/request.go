package env

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/postern-go/postern/headers"
)

// Request builds the request that the variables describe, as net/http.Server
// would have built it. Body and context are the caller's to set. An error says
// which variable is missing or malformed; the client deserves a 400 then.
//
// ContentLength is -1 when the variables do not say it (missing, empty or
// "-1"): a caller who knows that no body follows sets it to 0.
func (v *Vars) Request() (*http.Request, error) {
	r := &http.Request{}
	if err := v.FillRequest(r, new(url.URL)); err != nil {
		return nil, err
	}
	return r, nil
}

// FillRequest is [Vars.Request] into memory of the caller: r, whose context
// stays as it is, and u, which becomes r.URL.
func (v *Vars) FillRequest(r *http.Request, u *url.URL) error {
	var b builder
	if err := b.scan(v); err != nil {
		return err
	}
	return b.fill(r, u)
}

// A builder holds what one pass over the variables found.
type builder struct {
	header http.Header
	values []string // the memory of all one-value header fields

	method, protocol, requestURI, query string
	scriptName, pathInfo                string
	contentLength, contentType          string
	host, serverName, serverPort        string
	remoteAddr, remotePort              string
	https, scheme                       string
	transferEncoding                    string
	declaredLength                      bool // HTTP_CONTENT_LENGTH was sent too
	ssl                                 bool // an SSL_ variable is there
	vars                                *Vars
}

func (b *builder) scan(v *Vars) error {
	b.vars = v
	b.header = make(http.Header, 8)
	b.values = make([]string, 0, b.countFields())
	for _, x := range v.list {
		if suffix, ok := strings.CutPrefix(x.Name, "HTTP_"); ok {
			if err := b.field(suffix, x.Value); err != nil {
				return err
			}
		} else if err := b.variable(x.Name, x.Value); err != nil {
			return err
		}
	}
	return nil
}

func (b *builder) countFields() int {
	n := 2 // Content-Type and Content-Length
	for i := range b.vars.list {
		if strings.HasPrefix(b.vars.list[i].Name, "HTTP_") {
			n++
		}
	}
	return n
}

// variable takes note of a variable that is no header field.
func (b *builder) variable(name, value string) error {
	switch name {
	case "REQUEST_METHOD":
		b.method = value
	case "SERVER_PROTOCOL":
		b.protocol = value
	case "REQUEST_URI":
		b.requestURI = value
	case "QUERY_STRING":
		b.query = value
	case "SCRIPT_NAME":
		b.scriptName = value
	case "PATH_INFO":
		b.pathInfo = value
	case "CONTENT_LENGTH":
		if b.contentLength != "" && b.contentLength != value {
			return fmt.Errorf("env: two values of CONTENT_LENGTH, %q and %q", b.contentLength, value)
		}
		b.contentLength = value
	case "CONTENT_TYPE":
		b.contentType = value
	case "SERVER_NAME":
		b.serverName = value
	case "SERVER_PORT":
		b.serverPort = value
	case "REMOTE_ADDR":
		b.remoteAddr = value
	case "REMOTE_PORT":
		b.remotePort = value
	case "HTTPS":
		b.https = value
	case "REQUEST_SCHEME":
		b.scheme = value
	default:
		b.ssl = b.ssl || strings.HasPrefix(name, "SSL_")
	}
	return nil
}

// field takes note of the header field of the variable HTTP_suffix. What
// net/http takes out of the header is taken out here too, and Proxy never
// gets in (CVE-2016-5385 and its kind).
func (b *builder) field(suffix, value string) error {
	switch suffix {
	case "HOST":
		b.host = value
		return nil
	case "PROXY", "CONTENT_TYPE":
		return nil
	case "CONTENT_LENGTH":
		b.declaredLength = true
		return nil
	case "TRANSFER_ENCODING":
		b.transferEncoding = value
		return nil
	}
	if !headers.ValidValue(value) {
		return fmt.Errorf("env: value of HTTP_%s has a control character: %q", suffix, value)
	}
	name := headerName(suffix)
	if name == "" {
		return fmt.Errorf("env: variable %q does not name a header field", "HTTP_"+suffix)
	}
	if strings.IndexByte(suffix, '-') >= 0 && b.vars.index("HTTP_"+strings.ReplaceAll(suffix, "-", "_")) >= 0 {
		return fmt.Errorf("env: variable %q and its twin with %q name the same header field", "HTTP_"+suffix, "_")
	}
	b.add(name, value)
	return nil
}

func (b *builder) add(name, value string) {
	if have := b.header[name]; have != nil {
		b.header[name] = append(have, value)
		return
	}
	b.values = append(b.values, value)
	n := len(b.values)
	b.header[name] = b.values[n-1 : n : n]
}

func (b *builder) fill(r *http.Request, u *url.URL) error {
	if b.method == "" {
		return errors.New("env: REQUEST_METHOD is missing")
	}
	if !headers.ValidName(b.method) {
		return fmt.Errorf("env: REQUEST_METHOD %q is not a method", b.method)
	}
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
	secure := GuessScheme(b.https) == "https" || strings.EqualFold(b.scheme, "https")
	if r.Host, err = b.hostOf(targetHost, secure); err != nil {
		return err
	}
	if secure {
		r.TLS = b.tlsState(r.Host)
	}
	if b.contentType != "" {
		b.add("Content-Type", b.contentType)
	}
	fixPragma(b.header)
	r.Method, r.URL, r.Header = b.method, u, b.header
	r.RemoteAddr = remoteAddr(b.remoteAddr, b.remotePort)
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

// length sets ContentLength, TransferEncoding and the Content-Length field.
// The field is there when the client sent it: servers that always send
// CONTENT_LENGTH=0 do not make one up.
func (b *builder) length(r *http.Request) error {
	r.ContentLength = -1
	if s := b.contentLength; s != "" && s != "-1" {
		n, err := ParseLength(s)
		if err != nil {
			return err
		}
		r.ContentLength = n
		if n > 0 || b.declaredLength || bodyExpected(b.method) {
			b.add("Content-Length", s)
		}
		return nil
	}
	if b.transferEncoding != "" {
		r.TransferEncoding = []string{"chunked"}
	}
	return nil
}

// bodyExpected tells the methods whose clients send Content-Length: 0 with an
// empty body (RFC 9110, section 8.6).
func bodyExpected(method string) bool {
	return method == "POST" || method == "PUT" || method == "PATCH"
}

// ParseLength reads a length in bytes as a header or a variable gives it:
// digits only, no sign, no space, at most 2⁶³-1.
func ParseLength(s string) (int64, error) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("env: length %q is not a number of bytes", s)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("env: length %q is not a number of bytes", s)
	}
	return n, nil
}

// hostOf chooses the host as net/http does: that of an absolute-form target,
// then the Host field, then the server's own name.
func (b *builder) hostOf(target string, secure bool) (string, error) {
	host := b.host
	switch {
	case target != "":
		host = target
	case host == "" && b.serverName != "":
		host = hostPort(b.serverName, b.serverPort, secure)
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c == 0x7f || c == '/' || c == '\\' || c == '"' {
			return "", fmt.Errorf("env: host %q is malformed", host)
		}
	}
	return host, nil
}

// hostPort adds the port where the scheme does not imply it. HAProxy's
// SERVER_NAME has a port already, which is cut.
func hostPort(name, port string, secure bool) string {
	name = strings.Trim(serverHost(name), "[]")
	standard := "80"
	if secure {
		standard = "443"
	}
	if port != "" && port != standard {
		return net.JoinHostPort(name, port)
	}
	if strings.IndexByte(name, ':') >= 0 {
		return "[" + name + "]"
	}
	return name
}

func serverHost(name string) string {
	if host, _, err := net.SplitHostPort(name); err == nil {
		return host
	}
	return name
}

// remoteAddr writes the peer as net/http does: ip:port, "@" for a client on a
// unix socket, "" when nothing is known.
func remoteAddr(addr, port string) string {
	switch {
	case addr == "":
		return ""
	case addr == "unix:":
		return "@"
	case port == "":
		port = "0"
	}
	return net.JoinHostPort(strings.Trim(addr, "[]"), port)
}

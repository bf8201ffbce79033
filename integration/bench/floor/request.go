package floor

import (
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"unsafe"

	"github.com/postern-go/postern/internal/record"
)

// parse makes the request of the variables.
func (c *conn) parse() *http.Request {
	r := &http.Request{URL: new(url.URL), Header: make(http.Header, 8), Body: http.NoBody, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	values := make([]string, 0, 8)
	var addr, port string
	for rest := c.params; rest != ""; {
		var name, value string
		if name, value, rest = pair(rest); name == "" {
			break
		}
		if field, found := strings.CutPrefix(name, "HTTP_"); found && field != "HOST" {
			values = append(values, value)
			n := len(values)
			r.Header[canonical(field)] = values[n-1 : n : n]
			continue
		}
		switch name {
		case "HTTP_HOST":
			r.Host = value
		case "REQUEST_METHOD":
			r.Method = value
		case "REQUEST_URI":
			r.RequestURI = value
			r.URL.Path, r.URL.RawQuery, _ = strings.Cut(value, "?")
		case "CONTENT_LENGTH":
			r.ContentLength, _ = strconv.ParseInt(value, 10, 64)
		case "REMOTE_ADDR":
			addr = value
		case "REMOTE_PORT":
			port = value
		}
	}
	r.RemoteAddr = addr + ":" + port
	if r.ContentLength > 0 {
		r.Body = body{(*stdin)(c)}
	}
	return r
}

type body struct{ *stdin }

func (body) Close() error { return nil }

// pair takes one name and value, parts of s.
func pair(s string) (name, value, rest string) {
	n, v, more, err := record.ParsePair(unsafe.Slice(unsafe.StringData(s), len(s)))
	if err != nil {
		return "", "", ""
	}
	return unsafe.String(unsafe.SliceData(n), len(n)), unsafe.String(unsafe.SliceData(v), len(v)), s[len(s)-len(more):]
}

func canonical(field string) string {
	switch field {
	case "USER_AGENT":
		return "User-Agent"
	case "ACCEPT":
		return "Accept"
	case "ACCEPT_ENCODING":
		return "Accept-Encoding"
	case "COOKIE":
		return "Cookie"
	}
	return textproto.CanonicalMIMEHeaderKey(strings.ReplaceAll(field, "_", "-"))
}

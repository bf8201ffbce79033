package env

import (
	"net/http"
	"strings"
)

// Own copies into memory of its own what the request will share of the strings
// that were added, so that theirs may be used for other things after Fill.
// Nothing is added after it.
func (b *RequestBuilder) Own() {
	b.method, b.protocol = interned(b.method), interned(b.protocol)
	for i := range b.ssl {
		b.ssl[i].Value = strings.Clone(b.ssl[i].Value)
	}
	shared := [...]*string{
		&b.requestURI, &b.contentLength, &b.contentType, &b.host, &b.serverName, &b.serverPort, &b.remoteAddr, &b.remotePort,
		&b.query, &b.scriptName, &b.pathInfo,
	}
	list := shared[:]
	switch {
	case strings.IndexByte(b.requestURI, '?') >= 0:
		list = shared[:len(shared)-3] // it has the query and the path
	case b.requestURI != "":
		list = shared[:len(shared)-2]
	}
	b.copyText(list)
}

// copyText gives the strings of list and the values of the fields one memory.
func (b *RequestBuilder) copyText(list []*string) {
	n := 0
	for _, s := range list {
		n += len(*s)
	}
	for i := range b.fields {
		n += len(b.fields[i].value)
	}
	var text strings.Builder
	text.Grow(n)
	for _, s := range list {
		text.WriteString(*s)
	}
	for i := range b.fields {
		text.WriteString(b.fields[i].value)
	}
	rest := text.String()
	next := func(n int) (s string) {
		s, rest = rest[:n], rest[n:]
		return s
	}
	for _, s := range list {
		*s = next(len(*s))
	}
	for i := range b.fields {
		b.fields[i].value = next(len(b.fields[i].value))
	}
}

// interned returns s in memory that is not shared with it; what nearly every
// request says costs none.
func interned(s string) string {
	switch s {
	case http.MethodGet:
		return http.MethodGet
	case http.MethodPost:
		return http.MethodPost
	case http.MethodHead:
		return http.MethodHead
	case http.MethodPut:
		return http.MethodPut
	case http.MethodDelete:
		return http.MethodDelete
	case http.MethodOptions:
		return http.MethodOptions
	case "HTTP/1.1":
		return "HTTP/1.1"
	case "HTTP/2.0":
		return "HTTP/2.0"
	case "HTTP/1.0":
		return "HTTP/1.0"
	}
	return strings.Clone(s)
}

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
		&b.requestURI, &b.contentLength, &b.contentType, &b.host, &b.serverName, &b.serverPort,
		&b.query, &b.scriptName, &b.pathInfo,
	}
	list := shared[:]
	switch {
	case strings.IndexByte(b.requestURI, '?') >= 0:
		list = shared[:len(shared)-3] // it has the query and the path
	case b.requestURI != "":
		list = shared[:len(shared)-2]
	}
	var room [64]byte
	b.copyText(list, appendRemote(room[:0], b.remoteAddr, b.remotePort))
}

// copyText gives the strings of list, the values of the fields and the address of
// the peer one memory.
func (b *RequestBuilder) copyText(list []*string, remote []byte) {
	n := len(remote)
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
	text.Write(remote)
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
	b.remote = rest
}

// common are the methods and protocols that nearly every request has.
var common = [...]string{
	http.MethodGet, "HTTP/1.1", http.MethodPost, "HTTP/2.0", http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions, "HTTP/1.0",
}

// interned returns s in memory that is not shared with it, which costs nothing
// for what is common.
func interned(s string) string {
	for _, c := range common {
		if s == c {
			return c
		}
	}
	return strings.Clone(s)
}

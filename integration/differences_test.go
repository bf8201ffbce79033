package integration

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/integration/testapp/app"
)

// A difference is a row of the table of what a handler sees otherwise behind nginx than behind net/http.Server.
type difference struct {
	field    string
	reason   string
	protocol string // the one protocol it is about; "" is every one
	// expect turns what net/http.Server showed into what nginx's protocol can carry.
	expect func(r rawRequest, e *app.Echo)
}

// differences is the table. Its rows apply in order.
func differences() []difference {
	return []difference{
		{"flags", "the gate has its own name, and FastCGI a role", "", nil},
		{"environ", "the variables are those that nginx sends; behind net/http.Server they are made of the request", "", nil},
		{"host", "Debian's fastcgi_params and scgi_params send $host: lower case, without the port", "", hostAsNginx},
		{"uri", "of an absolute-form target nginx passes on what comes behind the host", "", inOriginForm},
		{"headers: X_Under, X.Dot", "nginx drops names with an underscore (underscores_in_headers) or a dot (ignore_invalid_headers)", "", withoutOddNames},
		{"headers: Proxy", "it would become HTTP_PROXY, which programs take for their own setting (CVE-2016-5385)", "", withoutProxy},
		{"headers: Trailer", "trailers do not pass nginx, so the field announces none", "", withTrailerField},
		{"headers: X-Spaces", "nginx takes spaces off the ends of a value, and no tabs", "", withTabs},
		{"headers: Content-Length", "nginx reads a chunked body to its end and then says how long it is", "", withLength},
		{"headers: Content-Length: 0", "SCGI has no way to leave the length out; of an empty body it counts where clients send it", "scgi", withZero},
	}
}

func (d difference) applies(protocol string) bool { return d.protocol == "" || d.protocol == protocol }

// level makes the two equal where the row allows it, and reports whether they differed.
func (d difference) level(r rawRequest, want, got *app.Echo) bool {
	before := *want
	switch d.field {
	case "flags":
		want.Flags = got.Flags
	case "environ":
		want.Environ = got.Environ
	default:
		d.expect(r, want)
	}
	return !reflect.DeepEqual(before, *want)
}

func hostAsNginx(_ rawRequest, e *app.Echo) {
	host := strings.ToLower(e.Host)
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	e.Host = host
}

func inOriginForm(_ rawRequest, e *app.Echo) {
	if _, rest, absolute := strings.Cut(e.URI, "://"); absolute && e.URI[0] != '/' {
		e.URI = rest[strings.IndexByte(rest, '/'):]
	}
}

func withoutOddNames(_ rawRequest, e *app.Echo) {
	e.Headers = maps.Clone(e.Headers)
	maps.DeleteFunc(e.Headers, func(name string, _ []string) bool { return strings.ContainsAny(name, "_.") })
}

func withoutProxy(_ rawRequest, e *app.Echo) {
	e.Headers = maps.Clone(e.Headers)
	delete(e.Headers, "Proxy")
}

func withTrailerField(r rawRequest, e *app.Echo) {
	if r.framing == chunked && slices.Contains(r.fields, "Trailer: X-Sum") {
		e.Headers = maps.Clone(e.Headers)
		e.Headers["Trailer"] = []string{"X-Sum"}
	}
}

func withTabs(_ rawRequest, e *app.Echo) {
	if values := e.Headers["X-Spaces"]; len(values) > 0 {
		kept := maps.Clone(e.Headers)
		kept["X-Spaces"] = slices.Repeat([]string{"\t padded \t"}, len(values))
		e.Headers = kept
	}
}

func withLength(r rawRequest, e *app.Echo) {
	if r.framing == chunked && (len(r.body) > 0 || usuallyHasBody(r.method)) {
		e.Headers = maps.Clone(e.Headers)
		e.Headers["Content-Length"] = []string{strconv.Itoa(len(r.body))}
	}
}

func withZero(r rawRequest, e *app.Echo) {
	if r.framing == noBody && usuallyHasBody(r.method) {
		e.Headers = maps.Clone(e.Headers)
		e.Headers["Content-Length"] = []string{"0"}
	}
}

func usuallyHasBody(method string) bool {
	return method == "POST" || method == "PUT" || method == "PATCH"
}

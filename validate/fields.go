package validate

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// checkFields is about each field of a response on its own.
func (x *exchange) checkFields(fields []headers.Field) {
	for i, f := range fields {
		if strings.HasPrefix(f.Name, http.TrailerPrefix) {
			continue
		}
		x.checkFieldValue(f)
		repeated := i > 0 && fields[i-1].Name == f.Name
		if !repeated {
			x.checkResponseName(f.Name, fields[:i])
			x.checkConnectionField(f)
		} else if onceInResponse(http.CanonicalHeaderKey(f.Name)) {
			x.find("field-repeated", f.Name, "The field %q has another value %q.", f.Name, f.Value)
		}
		x.checkMeaning(f, repeated)
	}
}

func (x *exchange) checkResponseName(name string, before []headers.Field) {
	switch {
	case !headers.ValidName(name):
		x.find("field-name-malformed", name, "It is %q.", name)
		return
	case !letter(name[0]) || !only(name, "-_"):
		x.find("field-name-unusual", name, "It is %q.", name)
	}
	if last := name[len(name)-1]; last == '-' || last == '_' {
		x.find("field-name-ending", name, "It is %q.", name)
	}
	if canonical := http.CanonicalHeaderKey(name); name != canonical {
		x.find("field-name-not-canonical", name, "It is %q, and would be %q.", name, canonical)
	}
	for _, other := range before {
		if other.Name != name && strings.EqualFold(other.Name, name) {
			x.find("field-name-in-two-spellings", name, "They are %q and %q.", other.Name, name)
		}
	}
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (x *exchange) checkFieldValue(f headers.Field) {
	if !headers.ValidValue(f.Value) {
		x.find("field-value-malformed", f.Name, "The field %q has %q.", f.Name, concealed(f))
	}
	if strings.Trim(f.Value, " \t") != f.Value {
		x.find("field-value-space", f.Name, "The field %q has %q.", f.Name, concealed(f))
	}
	for i := range len(f.Value) {
		if f.Value[i] >= 0x80 {
			x.find("field-value-not-ascii", f.Name, "The field %q has %q.", f.Name, concealed(f))
			return
		}
	}
}

// checkConnectionField is about the fields that are the server's.
func (x *exchange) checkConnectionField(f headers.Field) {
	name := http.CanonicalHeaderKey(f.Name)
	switch {
	case name == "Status":
		x.find("status-field", f.Name, "It is %q.", f.Value)
	case name == "Trailer":
		x.checkTrailer(f)
	case !headers.IsHopByHop(name) || x.ownConnection(name, f.Value):
	default:
		x.find("hop-by-hop-field", f.Name, "The field %q has %q.", f.Name, f.Value)
	}
}

// ownConnection tells what a server without a web server before it takes from
// the handler about the connection: its end, and protocols to change to, with
// any status (RFC 9110, section 7.8).
func (x *exchange) ownConnection(name, value string) bool {
	if x.variables || name == "Upgrade" {
		return !x.variables
	}
	for option := range elements(value) {
		if !strings.EqualFold(option, "close") && !strings.EqualFold(option, "upgrade") {
			return false
		}
	}
	return name == "Connection"
}

func (x *exchange) checkTrailer(f headers.Field) {
	if x.variables || !x.request.ProtoAtLeast(1, 1) {
		x.find("trailer-not-carried", "Trailer", "It is %q.", f.Value)
	}
	for name := range elements(f.Value) {
		switch key := http.CanonicalHeaderKey(name); {
		case headers.IsHopByHop(key) || beforeBody(key):
			x.find("trailer-forbidden", key, "Trailer is %q.", f.Value)
		}
	}
}

// checkTrailers is about what now, the header at the end, has as trailers of a
// response with these fields.
func (x *exchange) checkTrailers(fields, now []headers.Field) {
	announces := hasField(fields, "Trailer")
	for _, f := range now {
		name, unannounced := strings.CutPrefix(f.Name, http.TrailerPrefix)
		switch {
		case unannounced && (headers.IsHopByHop(name) || beforeBody(http.CanonicalHeaderKey(name))):
			x.find("trailer-forbidden", name, "It is set by http.TrailerPrefix.")
		case unannounced || announces && lists(fields, "Trailer", f.Name):
			x.checkFieldValue(headers.Field{Name: name, Value: f.Value})
		}
	}
}

// beforeBody tells the fields that frame, route or describe a message, which
// cannot come after it (RFC 9110, section 6.5.1).
func beforeBody(name string) bool {
	switch name {
	case "Content-Length", "Content-Type", "Content-Encoding", "Content-Range", "Host", "Authorization", "Cookie", "Set-Cookie",
		"Cache-Control", "Location", "Www-Authenticate":
		return true
	}
	return false
}

// onceInResponse tells the fields that are no lists. Content-Length has a rule
// of its own.
func onceInResponse(name string) bool {
	switch name {
	case "Age", "Content-Location", "Content-Range", "Content-Type", "Date", "Etag", "Expires", "Last-Modified", "Location",
		"Retry-After", "Server":
		return true
	}
	return false
}

// checkMeaning is about the values that have a form.
func (x *exchange) checkMeaning(f headers.Field, repeated bool) {
	switch http.CanonicalHeaderKey(f.Name) {
	case "Content-Type":
		x.checkContentType(f.Value)
	case "Content-Length":
		if _, err := env.ParseLength(f.Value); err != nil || f.Value == "" {
			x.find("content-length-malformed", f.Name, "It is %q.", f.Value)
		}
		if repeated {
			x.find("content-length-repeated", f.Name, "Another value is %q.", f.Value)
		}
	case "Location":
		x.checkLocation(f.Value)
	case "Set-Cookie":
		x.checkCookie(f.Value)
	case "Date", "Last-Modified":
		if _, err := http.ParseTime(f.Value); err != nil {
			x.find("date-malformed", f.Name, "The field %q has %q.", f.Name, f.Value)
		}
	case "Etag":
		if !entityTag(f.Value) {
			x.find("etag-malformed", f.Name, "It is %q.", f.Value)
		}
	case "Retry-After":
		if _, err := http.ParseTime(f.Value); err != nil && (f.Value == "" || !decimal(f.Value)) {
			x.find("retry-after-malformed", f.Name, "It is %q.", f.Value)
		}
	}
}

func (x *exchange) checkContentType(value string) {
	switch value { // most of all responses
	case "text/html; charset=utf-8", "text/plain; charset=utf-8", "application/json":
		return
	}
	kind, params, err := mime.ParseMediaType(value)
	if _, subtype, _ := strings.Cut(kind, "/"); err != nil || subtype == "" {
		x.find("content-type-malformed", "Content-Type", "It is %q.", value)
		return
	}
	if strings.HasPrefix(kind, "text/") && kind != "text/event-stream" && params["charset"] == "" { // that one is UTF-8

		x.find("content-type-charset-missing", "Content-Type", "It is %q.", value)
	}
}

func (x *exchange) checkLocation(value string) {
	u, err := url.Parse(value)
	if err != nil || value == "" || strings.IndexFunc(value, notInURI) >= 0 {
		x.find("location-malformed", "Location", "It is %q.", value)
		return
	}
	local := value[0] == '/' && !strings.HasPrefix(value, "//") && !(x.variables && strings.Contains(value, "#"))
	if u.Scheme == "" && !local {
		x.find("location-relative", "Location", "It is %q.", value)
	}
}

// notInURI tells the characters that a URI has only escaped (RFC 3986, section 2).
func notInURI(c rune) bool { return c <= ' ' || c >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", c) }

// entityTag knows "…" and W/"…".
func entityTag(s string) bool {
	s = strings.TrimPrefix(s, "W/")
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	return !strings.ContainsAny(s[1:len(s)-1], "\" ")
}

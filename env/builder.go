package env

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-go/postern/headers"
)

// A RequestBuilder makes a request of variables as they are added to it, one after
// the other and in their order, without a list of them. The zero value is empty
// and ready to use; it is not safe for use by several goroutines.
type RequestBuilder struct {
	fields []field // the header fields
	ssl    []Var   // the SSL_ variables
	err    error   // of the first variable that cannot be

	header http.Header
	values []string // the memory of all one-value header fields
	marks  uint64   // of the names in header

	method, protocol, requestURI, query string
	scriptName, pathInfo                string
	contentLength, contentType          string
	host, serverName, serverPort        string
	remoteAddr, remotePort, remote      string // remote: both, once they are owned
	https, scheme                       string
	transferEncoding                    string

	declaredLength bool // HTTP_CONTENT_LENGTH was sent too
	hyphen         bool // a header variable is spelled with "-"
}

// A field is a header field and the variable that it came in.
type field struct {
	name, value, variable string
}

// Add takes one variable. What is wrong with it is what Fill says.
func (b *RequestBuilder) Add(name, value string) {
	if b.err != nil {
		return
	}
	if isField(name) {
		b.err = b.field(name, value)
	} else {
		b.err = b.variable(name, value)
	}
}

// Reset makes b empty. It keeps the memory of a request of ordinary size.
func (b *RequestBuilder) Reset() {
	fields := b.fields
	if cap(fields) > mostFields {
		fields = nil
	}
	clear(fields)
	*b = RequestBuilder{fields: fields[:0]}
}

// usualFields is how many header fields a builder has room for at first.
const usualFields = 16

// mostFields is how many header fields a builder has room for that is used again.
const mostFields = 128

// Script returns SCRIPT_NAME and PATH_INFO as they were added last.
func (b *RequestBuilder) Script() (name, pathInfo string) {
	return b.scriptName, b.pathInfo
}

// fieldPrefix begins the names of the variables of header fields.
const fieldPrefix = "HTTP_"

// isField is [strings.HasPrefix] that looks first where most names differ.
func isField(name string) bool {
	return len(name) > 4 && name[4] == '_' && name[:5] == fieldPrefix
}

// variable takes note of a variable that is no header field.
func (b *RequestBuilder) variable(name, value string) error {
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
		return b.lengthVariable(value)
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
		if strings.HasPrefix(name, "SSL_") {
			b.ssl = append(b.ssl, Var{name, value})
		}
	}
	return nil
}

// lengthVariable refuses two lengths: one of them is wrong, and a body read by
// the wrong one is another request.
func (b *RequestBuilder) lengthVariable(value string) error {
	if b.contentLength != "" && value != "" && b.contentLength != value {
		return fmt.Errorf("env: two values of CONTENT_LENGTH, %q and %q", b.contentLength, value)
	}
	if value != "" {
		b.contentLength = value
	}
	return nil
}

// field takes note of the header field of a variable. What net/http takes out of
// the header is taken out here too, and Proxy never gets in (CVE-2016-5385 and
// its kind).
func (b *RequestBuilder) field(variable, value string) error {
	suffix := variable[len(fieldPrefix):]
	if suffix == "PROXY" {
		return nil
	}
	if !headers.ValidValue(value) {
		return fmt.Errorf("env: value of %s has a control character: %q", variable, value)
	}
	switch suffix {
	case "HOST":
		b.host = value
		return nil
	case "CONTENT_TYPE":
		return nil
	case "CONTENT_LENGTH":
		b.declaredLength = value != ""
		return nil
	case "TRANSFER_ENCODING":
		b.transferEncoding = value
		return nil
	}
	name := headerName(suffix)
	if name == "" {
		return fmt.Errorf("env: variable %q does not name a header field", variable)
	}
	if reserved(name) {
		return fmt.Errorf("env: variable %q passes for another one", variable)
	}
	b.hyphen = b.hyphen || strings.IndexByte(suffix, '-') >= 0
	if b.fields == nil {
		b.fields = make([]field, 0, usualFields)
	}
	b.fields = append(b.fields, field{name, value, variable})
	return nil
}

// reserved tells the fields that have a place of their own, or none. Variables
// in other spellings (HTTP_content-length) would smuggle them in.
func reserved(name string) bool {
	switch name {
	case "Host", "Proxy", "Content-Type", "Content-Length", "Transfer-Encoding":
		return true
	}
	return false
}

// checkTwins refuses two variables that differ in "-" and "_" only, since one
// would pass for the other.
func (b *RequestBuilder) checkTwins() error {
	spelling := make(map[string]string, len(b.fields))
	for i := range b.fields {
		name := b.fields[i].variable
		folded := strings.ReplaceAll(name, "-", "_")
		if other, found := spelling[folded]; found && other != name {
			return fmt.Errorf("env: variables %q and %q name the same header field", other, name)
		}
		spelling[folded] = name
	}
	return nil
}

// fillHeader makes the header, with room for the fields that are still to come.
func (b *RequestBuilder) fillHeader() {
	n := len(b.fields)
	for _, s := range [...]string{b.contentType, b.contentLength} {
		if s != "" {
			n++
		}
	}
	b.header = make(http.Header, n)
	b.values = make([]string, 0, n)
	for i := range b.fields {
		b.add(b.fields[i].name, b.fields[i].value)
	}
}

// markOf returns one bit, the same for the same name: most names that are not in
// the header yet show by it, without a look there.
func markOf(name string) uint64 {
	return 1 << ((uint(len(name))<<3 ^ uint(name[0]) ^ uint(name[len(name)-1])) & 63)
}

func (b *RequestBuilder) add(name, value string) {
	if mark := markOf(name); b.marks&mark == 0 {
		b.marks |= mark
	} else if have := b.header[name]; have != nil {
		b.header[name] = append(have, value)
		return
	}
	b.values = append(b.values, value)
	n := len(b.values)
	b.header[name] = b.values[n-1 : n : n]
}

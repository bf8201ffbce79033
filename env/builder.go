package env

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-go/postern/headers"
)

// A builder holds what one pass over the variables found.
type builder struct {
	vars   *Vars
	header http.Header
	values []string // the memory of all one-value header fields
	marks  uint64   // of the names in header

	method, protocol, requestURI, query string
	scriptName, pathInfo                string
	contentLength, contentType          string
	host, serverName, serverPort        string
	remoteAddr, remotePort              string
	https, scheme                       string
	transferEncoding                    string

	declaredLength bool // HTTP_CONTENT_LENGTH was sent too
	ssl            bool // an SSL_ variable is there
	hyphen         bool // a header variable is spelled with "-"
}

func (b *builder) scan(v *Vars) error {
	b.vars = v
	n := b.countFields()
	b.header = make(http.Header, n)
	b.values = make([]string, 0, n)
	for i := range v.list {
		x := &v.list[i]
		var err error
		if isField(x.Name) {
			err = b.field(x.Name[len(fieldPrefix):], x.Value)
		} else {
			err = b.variable(x.Name, x.Value)
		}
		if err != nil {
			return err
		}
	}
	if b.hyphen {
		return b.checkTwins()
	}
	return nil
}

// fieldPrefix begins the names of the variables of header fields.
const fieldPrefix = "HTTP_"

// isField is [strings.HasPrefix] that looks first where most names differ.
func isField(name string) bool {
	return len(name) > 4 && name[4] == '_' && name[:5] == fieldPrefix
}

func (b *builder) countFields() int {
	n := 0
	for i := range b.vars.list {
		switch x := &b.vars.list[i]; {
		case isField(x.Name):
			if x.Name != "HTTP_HOST" {
				n++
			}
		case x.Value != "" && (x.Name == "CONTENT_TYPE" || x.Name == "CONTENT_LENGTH"):
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
		b.ssl = b.ssl || strings.HasPrefix(name, "SSL_")
	}
	return nil
}

// lengthVariable refuses two lengths: one of them is wrong, and a body read by
// the wrong one is another request.
func (b *builder) lengthVariable(value string) error {
	if b.contentLength != "" && value != "" && b.contentLength != value {
		return fmt.Errorf("env: two values of CONTENT_LENGTH, %q and %q", b.contentLength, value)
	}
	if value != "" {
		b.contentLength = value
	}
	return nil
}

// field takes note of the header field of the variable HTTP_suffix. What
// net/http takes out of the header is taken out here too, and Proxy never
// gets in (CVE-2016-5385 and its kind).
func (b *builder) field(suffix, value string) error {
	if !headers.ValidValue(value) {
		return fmt.Errorf("env: value of HTTP_%s has a control character: %q", suffix, value)
	}
	switch suffix {
	case "HOST":
		b.host = value
		return nil
	case "PROXY", "CONTENT_TYPE":
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
		return fmt.Errorf("env: variable %q does not name a header field", "HTTP_"+suffix)
	}
	if reserved(name) {
		return fmt.Errorf("env: variable %q passes for another one", "HTTP_"+suffix)
	}
	b.hyphen = b.hyphen || strings.IndexByte(suffix, '-') >= 0
	b.add(name, value)
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
func (b *builder) checkTwins() error {
	spelling := make(map[string]string, len(b.values))
	for i := range b.vars.list {
		name := b.vars.list[i].Name
		if !strings.HasPrefix(name, "HTTP_") {
			continue
		}
		folded := strings.ReplaceAll(name, "-", "_")
		if other, found := spelling[folded]; found && other != name {
			return fmt.Errorf("env: variables %q and %q name the same header field", other, name)
		}
		spelling[folded] = name
	}
	return nil
}

// markOf returns one bit, the same for the same name: most names that are not in
// the header yet show by it, without a look there.
func markOf(name string) uint64 {
	return 1 << ((uint(len(name))<<3 ^ uint(name[0]) ^ uint(name[len(name)-1])) & 63)
}

func (b *builder) add(name, value string) {
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

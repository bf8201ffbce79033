package validate

import (
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// checkRequestVariables compares variables with the request line.
func (x *exchange) checkRequestVariables(s *variables) {
	if s.requestMethod.missing() {
		x.find("vars-method-missing", "REQUEST_METHOD", "")
	} else if s.requestMethod.value != x.method {
		x.find("vars-method-differs", "REQUEST_METHOD", "It is %q, and the method %q.", s.requestMethod.value, x.method)
	}
	if s.serverProtocol.missing() {
		x.find("vars-server-protocol-missing", "SERVER_PROTOCOL", "")
	} else if p := s.serverProtocol.value; p != x.proto && p+".0" != x.proto {
		x.find("vars-server-protocol-differs", "SERVER_PROTOCOL", "It is %q, and the protocol %q.", p, x.proto)
	}
	if u := x.request.URL; u != nil && s.queryString.set && s.queryString.value != u.RawQuery {
		x.find("vars-query-string-differs", "QUERY_STRING", "It is %q, and the query %q.", s.queryString.value, u.RawQuery)
	}
}

// checkBodyVariables compares variables with the body.
func (x *exchange) checkBodyVariables(s *variables) {
	x.checkLengthVariable(s.contentLength.value)
	if s.contentType.missing() && hasField(x.fields, "Content-Type") {
		x.find("vars-content-type-missing", "CONTENT_TYPE", "The field is %q.", fieldValue(x.fields, "Content-Type"))
	}
	if s.fieldType.set {
		x.find("vars-content-doubled", "HTTP_CONTENT_TYPE", "It is %q.", s.fieldType.value)
	}
	if s.fieldLength.set {
		x.find("vars-content-doubled", "HTTP_CONTENT_LENGTH", "It is %q.", s.fieldLength.value)
	}
	if s.fieldTransfer.set {
		x.find("vars-transfer-encoding", "HTTP_TRANSFER_ENCODING", "It is %q.", s.fieldTransfer.value)
	}
}

func (x *exchange) checkLengthVariable(value string) {
	length := x.request.ContentLength
	switch {
	case value == "-1":
		x.find("vars-content-length-unknown", "CONTENT_LENGTH", "It is %q.", value)
		return
	case value == "" && length != 0:
		x.find("vars-content-length-missing", "CONTENT_LENGTH", "ContentLength is %d.", length)
		return
	case value == "":
		return
	}
	switch n, err := env.ParseLength(value); {
	case err != nil:
		x.find("vars-content-length-malformed", "CONTENT_LENGTH", "It is %q.", value)
	case n != length:
		x.find("vars-content-length-differs", "CONTENT_LENGTH", "It is %q, and ContentLength %d.", value, length)
	}
}

func (x *exchange) checkSchemeVariables(s *variables, v *env.Vars) {
	https, scheme := s.https.value, s.requestScheme.value
	contradicts := https != "" && scheme != "" && (env.GuessScheme(https) == "https") != strings.EqualFold(scheme, "https")
	if contradicts {
		x.find("vars-scheme-contradicts", "HTTPS", "HTTPS is %q, and REQUEST_SCHEME %q.", https, scheme)
	}
	if (v.Scheme() == "https") != (x.request.TLS != nil) {
		x.find("vars-tls-differs", "HTTPS", "It is %q, and REQUEST_SCHEME %q, which means %s.", https, scheme, v.Scheme())
	}
}

// checkFieldVariables looks for the variable of each field of the request.
func (x *exchange) checkFieldVariables(v *env.Vars) {
	found := variableFinder(v)
	for i, f := range x.fields {
		if i > 0 && x.fields[i-1].Name == f.Name || elsewhere(f.Name) {
			continue
		}
		if !found(f.Name) {
			x.find("vars-field-missing", f.Name, "The field is %q.", f.Name)
		}
	}
}

// elsewhere tells the fields that have another variable, or need none.
// Cache-Control may be the server's reading of Pragma.
func elsewhere(name string) bool {
	switch name {
	case "Content-Type", "Content-Length", "Host", "Authorization", "Proxy", "Cache-Control":
		return true
	}
	return headers.IsHopByHop(name)
}

// variableFinder returns a function that reports whether a field has its
// variable. Few variables are searched one by one, many in a map.
func variableFinder(v *env.Vars) func(field string) bool {
	if v.Len() <= fewNames {
		return func(field string) bool { return hasVariable(v, field) }
	}
	names := make(map[string]bool, v.Len())
	for name := range v.Pairs() {
		if suffix, ok := strings.CutPrefix(name, "HTTP_"); ok {
			names[foldedName(suffix)] = true
		}
	}
	return func(field string) bool { return names[foldedName(field)] }
}

func hasVariable(v *env.Vars, field string) bool {
	for name := range v.Pairs() {
		if suffix, ok := strings.CutPrefix(name, "HTTP_"); ok && sameVariable(suffix, field) {
			return true
		}
	}
	return false
}

// sameVariable compares names with letters in upper case and all punctuation as
// underscores, which is how names end up in an environment.
func sameVariable(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if folded(a[i]) != folded(b[i]) {
			return false
		}
	}
	return true
}

func folded(c byte) byte {
	switch {
	case 'a' <= c && c <= 'z':
		return c - 'a' + 'A'
	case c == '-' || c == '.':
		return '_'
	}
	return c
}

package validate

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// checkHeader is about the fields of the request.
func (x *exchange) checkHeader() {
	if x.request.Header == nil {
		x.find("request-header-missing", "Header", "")
	}
	for i, f := range x.fields {
		if !headers.ValidValue(f.Value) {
			x.find("request-field-value-malformed", f.Name, "The field %q has %q.", f.Name, concealed(f))
		}
		if i > 0 && x.fields[i-1].Name == f.Name {
			if onceInRequest(f.Name) {
				x.find("request-field-repeated", f.Name, "The field %q has another value %q.", f.Name, concealed(f))
			}
			continue
		}
		x.checkFieldName(f.Name)
	}
	if len(x.fields) > 1 {
		x.checkAliases()
	}
}

// checkAliases looks for names that are the same variable behind a gateway.
// Without a dot or an underscore there are none.
func (x *exchange) checkAliases() {
	unusual := func(f headers.Field) bool { return strings.ContainsAny(f.Name, "._") }
	if !slices.ContainsFunc(x.fields, unusual) {
		return
	}
	spellings := make(map[string]string, len(x.fields))
	for _, f := range x.fields {
		key := foldedName(f.Name)
		if other, found := spellings[key]; found && other != f.Name {
			x.find("request-field-aliased", f.Name, "They are %q and %q.", other, f.Name)
		}
		spellings[key] = f.Name
	}
}

func (x *exchange) checkFieldName(name string) {
	switch {
	case !headers.ValidName(name):
		x.find("request-field-name-malformed", name, "It is %q.", name)
	case name != http.CanonicalHeaderKey(name):
		x.find("request-field-name-not-canonical", name, "It is %q.", name)
	case name == "Proxy":
		x.find("request-proxy-field", name, "")
	case name == "Transfer-Encoding":
		x.find("request-transfer-encoding-field", name, "")
	}
}

// onceInRequest tells the fields that are no lists. Content-Length has a rule
// of its own, and Host is not in the header.
func onceInRequest(name string) bool {
	switch name {
	case "Authorization", "Content-Type", "Date", "From", "If-Modified-Since", "If-Range", "If-Unmodified-Since",
		"Max-Forwards", "Origin", "Proxy-Authorization", "Range", "Referer", "User-Agent":
		return true
	}
	return false
}

// concealed is the value as it may be shown.
func concealed(f headers.Field) string { return guarded(f.Name, f.Value) }

// guarded is the value of a field or a variable as it may be shown.
func guarded(name, value string) string {
	if secret(name) {
		return "…"
	}
	return value
}

// checkLength is about the length of the body.
func (x *exchange) checkLength() {
	r := x.request
	switch {
	case r.Body == nil:
		x.find("request-body-missing", "Body", "")
	case r.Body == http.NoBody && r.ContentLength > 0:
		x.find("request-body-empty", "Body", "ContentLength is %d.", r.ContentLength)
	}
	values := r.Header["Content-Length"]
	if len(values) == 0 {
		return
	}
	n, err := env.ParseLength(values[0])
	switch {
	case err != nil || values[0] == "" || differ(values):
		x.find("request-content-length-malformed", "Content-Length", "It is %q.", values)
	case len(r.TransferEncoding) > 0:
		x.find("request-content-length-and-coding", "Content-Length", "It is %q, with the coding %q.", values, r.TransferEncoding)
	case n != r.ContentLength:
		x.find("request-content-length-differs", "Content-Length", "It is %q, and ContentLength %d.", values, r.ContentLength)
	}
}

func differ(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return v != values[0] })
}

package validate

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/headers"
)

// checkHead is about a final head, before the server gets it.
func (x *exchange) checkHead(code int, fields []headers.Field) {
	if code > 599 {
		x.find("status-unassigned", "", "It is %d.", code)
	}
	x.checkFields(fields)
	x.checkCookies(fields)
	x.checkEntity(code, fields)
	x.checkStatus(code, fields)
	x.checkRanges(code, fields)
	x.checkSize(code, fields)
	if code < 300 && !registeredMethod(x.method) {
		x.find("unknown-method-accepted", "", "%q is answered with %d.", x.method, code)
	}
}

// checkEntity is about the fields that describe a body.
func (x *exchange) checkEntity(code int, fields []headers.Field) {
	if !bodyAllowed(code) && hasField(fields, "Content-Type") {
		x.find("content-type-without-body", "Content-Type", "It is %q, with status %d.", fieldValue(fields, "Content-Type"), code)
	}
	if !hasField(fields, "Content-Length") {
		return
	}
	length := fieldValue(fields, "Content-Length")
	if code < 200 || code == http.StatusNoContent || x.tunnel(code) {
		x.find("content-length-forbidden", "Content-Length", "It is %q, with status %d.", length, code)
	}
	if hasField(fields, "Transfer-Encoding") {
		x.find("content-length-and-coding", "Content-Length", "It is %q, and Transfer-Encoding %q.", length, fieldValue(fields, "Transfer-Encoding"))
	}
}

// checkStatus is about what a status demands of request and response.
func (x *exchange) checkStatus(code int, fields []headers.Field) {
	switch code {
	case http.StatusSwitchingProtocols:
		if !hasField(fields, "Upgrade") || !hasField(x.fields, "Upgrade") {
			x.find("switching-without-upgrade", "Upgrade", "The request has %q, and the response %q.",
				fieldValue(x.fields, "Upgrade"), fieldValue(fields, "Upgrade"))
		}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if !hasField(fields, "Location") {
			x.find("redirect-without-location", "Location", "The status is %d.", code)
		}
	case http.StatusOK:
		if hasField(fields, "Location") {
			x.find("location-without-redirect", "Location", "It is %q.", fieldValue(fields, "Location"))
		}
	case http.StatusNotModified:
		conditional := hasField(x.fields, "If-None-Match") || hasField(x.fields, "If-Modified-Since")
		if !conditional || x.method != http.MethodGet && x.method != http.MethodHead {
			x.find("not-modified-unasked", "", "The method is %q.", x.method)
		}
	case http.StatusUnauthorized:
		if !hasField(fields, "Www-Authenticate") {
			x.find("unauthorized-without-challenge", "WWW-Authenticate", "")
		}
	case http.StatusMethodNotAllowed:
		if !hasField(fields, "Allow") {
			x.find("method-not-allowed-without-allow", "Allow", "The method is %q.", x.method)
		}
	case http.StatusUpgradeRequired:
		if !hasField(fields, "Upgrade") {
			x.find("upgrade-required-without-upgrade", "Upgrade", "")
		}
	}
}

// checkRanges is about partial responses.
func (x *exchange) checkRanges(code int, fields []headers.Field) {
	ranged := hasField(fields, "Content-Range")
	switch {
	case code == http.StatusPartialContent:
		kind, _, _ := strings.Cut(fieldValue(fields, "Content-Type"), ";")
		if !ranged && !strings.EqualFold(strings.TrimSpace(kind), "multipart/byteranges") {
			x.find("partial-without-range", "Content-Range", "")
		}
		if !hasField(x.fields, "Range") {
			x.find("partial-unasked", "Range", "")
		}
	case code == http.StatusRequestedRangeNotSatisfiable:
		if !ranged {
			x.find("range-not-satisfiable-without-range", "Content-Range", "")
		}
	case ranged:
		x.find("content-range-unexpected", "Content-Range", "It is %q, with status %d.", fieldValue(fields, "Content-Range"), code)
	}
}

const (
	portableHead   = 4096 // bytes
	portableFields = 100
)

// checkSize compares the head with what every web server takes from a gateway.
func (x *exchange) checkSize(code int, fields []headers.Field) {
	size := len("Status: 200 \r\n\r\n") + len(http.StatusText(code))
	for _, f := range fields {
		size += len(f.Name) + len(f.Value) + len(": \r\n")
	}
	if bodyAllowed(code) && !hasField(fields, "Content-Length") {
		size += len("Content-Length: 2048\r\n") // the engine adds it to a body that it can hold back
	}
	if size > portableHead {
		x.find("head-too-large", "", "It has %d bytes, with Status and Content-Length.", size)
	}
	if len(fields) > portableFields {
		x.find("head-too-many-fields", "", "It has %d fields.", len(fields))
	}
}

// checkInformational is about a 1xx response, before the server gets it.
func (x *exchange) checkInformational(code int, h http.Header) {
	r := x.request
	switch {
	case x.variables:
		x.find("informational-not-carried", "", "WriteHeader got %d.", code)
	case !r.ProtoAtLeast(1, 1):
		x.find("informational-to-http10", "", "WriteHeader got %d.", code)
	}
	switch {
	case code == http.StatusContinue && !lists(x.fields, "Expect", "100-continue"):
		x.find("continue-unasked", "Expect", "")
	case code == http.StatusEarlyHints && len(h["Link"]) == 0:
		x.find("early-hints-empty", "Link", "")
	}
}

package gateway

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

// A mode is one of the two forms in which a response leaves.
type mode interface {
	// informational sends a 1xx response, or does not.
	informational(r *response, code int)
	// final returns the status that is sent for the one asked for.
	final(r *response, code int) int
	// appendHead writes the status and the fields that the handler set.
	appendHead(b []byte, r *response) []byte
	// appendTail writes the fields that depend on the body, and the blank line.
	appendTail(b []byte, r *response, first []byte) []byte
	// sendBody gives a block of the body to the exchange.
	sendBody(r *response, block []byte)
	// end gives what comes after the body to the exchange.
	end(r *response)
}

// fields notes what the handler set of the fields that the engine would add.
type fields struct {
	contentType bool // also when set to nothing, which asks for none
	encoding    bool
	length      bool // also when set to nothing, or to what is no length
	coding      bool // Transfer-Encoding
	identity    bool // Transfer-Encoding: identity
	date        bool
	server      bool
	trailer     bool
	close       bool // Connection: close
}

func checkCode(code int) {
	if code < 100 || code > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", code))
	}
}

// bodyAllowed tells the statuses that have a body (RFC 9110, section 6.4.1).
func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

func reason(status int) string {
	if text := http.StatusText(status); text != "" {
		return text
	}
	return "status code " + strconv.Itoa(status)
}

func appendStatus(b []byte, status int) []byte {
	b = strconv.AppendInt(b, int64(status), 10)
	b = append(b, ' ')
	b = append(b, reason(status)...)
	return append(b, '\r', '\n')
}

// declaredLength takes over the Content-Length that the handler set. A
// malformed one is logged and dropped, as in net/http.
func (r *response) declaredLength() {
	values, found := r.header["Content-Length"]
	r.fields.length = found
	if len(values) == 0 || values[0] == "" {
		return
	}
	n, err := env.ParseLength(strings.Trim(values[0], " \t"))
	if err != nil || differ(values) {
		r.run.logf("http: invalid Content-Length of %q", values)
		return
	}
	r.length = n
}

func differ(values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return v != values[0] })
}

// names returns the names of the handler's fields in their order, in room if
// it is large enough.
func (r *response) names(room []string) []string {
	for name := range r.header {
		room = append(room, name)
	}
	slices.Sort(room)
	return room
}

// appendFields writes the handler's fields of these names, the values of one
// name in their own order. What belongs to the engine and what the mode's own
// filter takes is left out.
func (r *response) appendFields(b []byte, names []string, skip func(r *response, name string) bool) []byte {
	for _, name := range names {
		if r.engineOwns(name) || skip(r, name) {
			continue
		}
		for _, value := range r.header[name] {
			b = r.appendField(b, name, value)
		}
	}
	return b
}

func (r *response) appendField(b []byte, name, value string) []byte {
	if !headers.ValidName(name) {
		r.run.logf("gateway: header name %q dropped", name)
		return b
	}
	b = append(b, name...)
	b = append(b, ':', ' ')
	b = appendValue(b, value)
	return append(b, '\r', '\n')
}

// appendValue writes a value with its control characters as spaces and
// without white space around it.
func appendValue(b []byte, value string) []byte {
	start := len(b)
	b = append(b, value...)
	if !headers.ValidValue(value) {
		for i := start; i < len(b); i++ {
			if b[i] < ' ' && b[i] != '\t' || b[i] == 0x7f {
				b[i] = ' '
			}
		}
	}
	for len(b) > start && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	lead := start
	for lead < len(b) && (b[lead] == ' ' || b[lead] == '\t') {
		lead++
	}
	return append(b[:start], b[lead:]...)
}

// engineOwns takes note of the fields that the engine decides itself, and
// reports whether the handler's own is left out.
func (r *response) engineOwns(name string) bool {
	switch {
	case equalFold(name, "Content-Length"):
		return true
	case equalFold(name, "Content-Type"):
		r.fields.contentType = true
		return r.status == http.StatusNotModified
	case equalFold(name, "Transfer-Encoding"):
		r.transferCoding(r.header[name])
		return true
	case equalFold(name, "Content-Encoding"):
		r.fields.encoding = len(r.header[name]) > 0 && r.header[name][0] != ""
	case equalFold(name, "Date"):
		r.fields.date = true
	case equalFold(name, "Server"):
		r.fields.server = true
	case strings.HasPrefix(name, http.TrailerPrefix):
		r.fields.trailer = true
		return true
	}
	return false
}

// transferCoding takes a coding that the handler asks for as a word about how
// its body ends, as net/http does: any but identity takes the place of a
// Content-Length.
func (r *response) transferCoding(values []string) {
	if len(values) == 0 || values[0] == "" {
		return
	}
	r.fields.coding = true
	r.fields.identity = values[0] == "identity"
	if !r.fields.identity && r.length >= 0 {
		r.run.logf("http: WriteHeader called with both Transfer-Encoding of %q and a Content-Length of %d", values[0], r.length)
		r.length = -1
	}
}

// equalFold compares with an ASCII name in any case. Letters of other scripts
// that fold to ASCII are longer, and differ by that.
func equalFold(s, ascii string) bool {
	return len(s) == len(ascii) && strings.EqualFold(s, ascii)
}

// largeHead and manyFields are what a head may have, in bytes and in fields with
// Status, for every web server to take it as it is configured by default.
const (
	largeHead  = 4096
	manyFields = 100
)

// measureHead tells of a head that some web server will not take.
func (r *response) measureHead() {
	e := r.run.engine
	if e.LargeHead == nil || e.Origin {
		return
	}
	if len(r.buf.head) < manyFields*len("A:\r\n") {
		return
	}
	fields := bytes.Count(r.buf.head, crlf) - 1
	if len(r.buf.head) > largeHead || fields > manyFields {
		e.LargeHead(&r.run.req, len(r.buf.head), fields)
	}
}

// appendEntity writes the type and the length of the body.
func (r *response) appendEntity(b []byte, first []byte) []byte {
	if r.bodiless {
		return b
	}
	if !r.fields.contentType && !r.fields.encoding && !r.fields.coding && len(first) > 0 {
		b = append(b, "Content-Type: "...)
		b = append(b, http.DetectContentType(first)...)
		b = append(b, '\r', '\n')
	}
	if r.length >= 0 && !r.chunked {
		b = append(b, "Content-Length: "...)
		b = strconv.AppendInt(b, r.length, 10)
		b = append(b, '\r', '\n')
	}
	return b
}

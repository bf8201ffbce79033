package gateway_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// A ruling is why the bytes differ from those of CPython.
type ruling string

const (
	inOrder    ruling = "the fields of the handler are sorted by name, in canonical spelling; what the engine adds comes last"
	ownPhrase  ruling = "http.Handler gives a code, and its reason phrase is the standard one"
	location   ruling = "Location comes before Status"
	version    ruling = "a client of HTTP/1.1 is answered in HTTP/1.1, and a body of unknown length comes in chunks"
	oldVersion ruling = "HTTP/0.9 is refused"
	buffered   ruling = "blocks are held back, and a body that fits has its Content-Length"
	streamed   ruling = "a body that does not fit has no Content-Length unless the handler says so"
	noBody     ruling = "no body, and no length of one, where the status has none; no body on HEAD"
	sniffing   ruling = "a body without Content-Type gets one"
	hopByHop   ruling = "a hop-by-hop or Status field is dropped and logged; Connection: close works in origin mode"
	switching  ruling = "101 cannot pass a gateway and becomes a 500"
	controls   ruling = "control characters never reach the wire"
	overrun    ruling = "what is beyond Content-Length is not written"
	noLength   ruling = "a Content-Length that is no number is dropped"
	asNetHTTP  ruling = "without WriteHeader the status is 200, and only the first call counts"
	brokenOff  ruling = "the connection ends with an error page"
)

// A deviation is where an engine writes other bytes than CPython.
type deviation struct {
	exchange string // "" is all of HTTP/1
	modes    []string
	why      ruling
	rewrite  rewrite // makes the bytes of Postern of those of CPython
}

// The modes of an engine: a CGI response, HTTP, and HTTP/1.0 to everyone.
var (
	cgi    = []string{"cgi"}
	modern = []string{"origin"}
	origin = []string{"origin", "http10"}
	all    = []string{"cgi", "origin", "http10"}
)

// deviations are applied in this order.
var deviations = []deviation{
	{"several blocks", all, buffered, add("Content-Length: 11")},
	{"an iterator of one block", all, buffered, add("Content-Length: 5")},
	{"blocks by write", all, buffered, add("Content-Length: 6")},
	{"an exception after a block", all, buffered, pageInstead},
	{"a large block", all, streamed, drop("Content-Length: 3000")},

	{"a phrase of its own", all, ownPhrase, replace("200 Fine", "200 OK")},
	{"a status without a phrase", all, ownPhrase, replace("299 ", "299 status code 299")},
	{"a redirect", cgi, location, replace("Status: 302 Found\r\nLocation: http://example.com/\r\n", "Location: http://example.com/\r\nStatus: 302 Found\r\n")},
	{"a redirect within the server", cgi, location, replace("Status: 303 See Other\r\nLocation: /other\r\n", "Location: /other\r\nStatus: 303 See Other\r\n")},
	{"start_response never called", all, asNetHTTP, answerInstead},
	{"start_response called twice", all, asNetHTTP, answerInstead},
	{"101", cgi, switching, replace("101 Switching Protocols", "500 Internal Server Error")},
	{"101", cgi, switching, drop("X-A: 1")},
	{"101", all, noBody, drop("Content-Length: 0")},
	{"204", all, noBody, drop("Content-Length: 0")},
	{"204 with a body", all, noBody, drop("Content-Length: 5")},
	{"204 with a body", all, noBody, withoutBody},
	{"304", all, noBody, drop("Content-Length: 0")},
	{"304 with a body", all, noBody, drop("Content-Length: 5")},
	{"304 with a body", all, noBody, withoutBody},
	{"HEAD with a body", all, noBody, withoutBody},
	{"HEAD of a declared length with a body", all, noBody, withoutBody},
	{"an exception for HEAD", all, noBody, withoutBody},

	{"no type", all, sniffing, replace("Content-Length: 15", "Content-Type: text/html; charset=utf-8\r\nContent-Length: 15")},
	{"names in small letters", all, inOrder, replace("content-type: text/plain\r\nx-a: 1", "Content-Type: text/plain\r\nX-A: 1")},
	{"a name with capitals of its own", all, inOrder, replace("ETag", "Etag")},
	{"fields in another order", cgi, inOrder, sorted},
	{"Status from the application", cgi, hopByHop, drop("Status: 404 Not Found")},
	{"a hop-by-hop field", all, hopByHop, answerInstead},
	{"Connection: close", all, hopByHop, answerInstead},
	{"Connection: close", origin, hopByHop, add("Connection: close")},
	{"CR LF in a value", all, controls, replace("1\r\nX-Evil: 2", "1  X-Evil: 2")},
	{"NUL in a value", all, controls, replace("1\x002", "1 2")},
	{"a length that is too short", all, overrun, replace("\r\n\r\nhello", "\r\n\r\nhe")},
	{"a length that is none", all, noLength, drop("Content-Length: five")},

	{"HTTP/0.9", origin, oldVersion, replace("hello", "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n"+
		"X-Content-Type-Options: nosniff\r\nContent-Length: 12\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: recorder\r\n\r\nBad Request\n")},
	{"HTTP/0.9", modern, oldVersion, replace("HTTP/1.0", "HTTP/1.1")},
	{"HTTP/0.9", modern, brokenOff, add("Connection: close")},
	{"HTTP/1.1", modern, version, replace("HTTP/1.0", "HTTP/1.1")},
	{"HTTP/1.1 without a body", modern, version, replace("HTTP/1.0", "HTTP/1.1")},
	{"HTTP/1.1 with blocks, each sent", modern, version, replace("HTTP/1.0", "HTTP/1.1")},
	{"HTTP/1.1 with blocks, each sent", modern, version, add("Transfer-Encoding: chunked")},
	{"HTTP/1.1 with blocks, each sent", modern, version, replace("\r\n\r\nonetwo", "\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")},
	{"HTTP/1.1 with an exception", modern, version, replace("HTTP/1.0", "HTTP/1.1")},
	{"HTTP/1.1 with an exception", modern, brokenOff, add("Connection: close")},

	{"", origin, inOrder, sorted},
}

// outcomes are what Run returns where that is not nil.
var outcomes = map[string]error{
	"a length that is too long":                 gateway.ErrShortBody,
	"a status that is none":                     gateway.ErrPanic,
	"an exception before start_response":        gateway.ErrPanic,
	"an exception before the first block":       gateway.ErrPanic,
	"an exception in place of a block by write": gateway.ErrPanic,
	"an exception after a block, sent":          gateway.ErrPanic,
	"an exception after a block":                gateway.ErrPanic,
	"an exception for HEAD":                     gateway.ErrPanic,
	"HTTP/1.1 with an exception":                gateway.ErrPanic,
}

// The engine over streams writes the bytes that BaseCGIHandler and
// SimpleHandler write, apart from the deviations, each of which is needed.
func TestBytesOfWsgiref(t *testing.T) {
	r := loadRecording(t)
	seen := map[string]bool{"": true}
	for _, e := range r.Exchanges {
		require.False(t, seen[e.Why], "%s: twice", e.Why)
		seen[e.Why] = true
		for mode, engine := range map[string]*gateway.Engine{
			"cgi":    {},
			"origin": {Origin: true, ServerSoftware: r.Software},
			"http10": {Origin: true, ServerSoftware: r.Software, HTTP10: true},
		} {
			t.Run(e.Why+", "+mode, func(t *testing.T) { compare(t, e, mode, engine) })
		}
	}
	for _, d := range deviations {
		require.True(t, seen[d.exchange], "no exchange %q", d.exchange)
	}
}

func compare(t *testing.T, e recorded, mode string, engine *gateway.Engine) {
	var out, errs bytes.Buffer
	x := &gateway.Streams{Input: strings.NewReader(e.Body), Output: &out, Errors: &errs, Environ: e.vars()}
	err := engine.Run(t.Context(), x, e.App)
	wanted := outcomes[e.Why]
	if engine.Origin && e.Why == "HTTP/0.9" {
		wanted = gateway.ErrBadRequest
	}
	require.ErrorIs(t, err, wanted)
	got := anyDate.ReplaceAllLiteralString(out.String(), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n")
	require.Equal(t, expected(e, mode, -1), got, "%s", errs.String())
	for n, d := range deviations {
		if d.applies(e, mode) {
			require.NotEqual(t, expected(e, mode, n), got, "no deviation any more: %s", d.why)
		}
	}
}

var anyDate = regexp.MustCompile(`Date: [^\r]+ GMT\r\n`)

// expected is what Postern should write: the bytes of CPython and the
// deviations, apart from one.
func expected(e recorded, mode string, without int) string {
	wire := string(e.CGI)
	if mode != "cgi" {
		wire = string(e.Origin)
	}
	for n, d := range deviations {
		if n != without && d.applies(e, mode) {
			wire = d.rewrite(e, wire)
		}
	}
	return wire
}

func (d deviation) applies(e recorded, mode string) bool {
	return slices.Contains(d.modes, mode) && (d.exchange == e.Why || d.exchange == "" && e.Why != "HTTP/0.9")
}

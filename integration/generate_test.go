package integration

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// A rawRequest is a request as it goes over the wire.
type rawRequest struct {
	method, target string
	fields         []string // "Name: value"
	body           []byte
	framing        framing
}

// framing is how a body says where it ends.
type framing int

const (
	noBody  framing = iota
	length          // Content-Length
	chunked         // Transfer-Encoding: chunked
)

// wire returns the bytes to send.
func (r rawRequest) wire() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", r.method, r.target)
	for _, field := range r.fields {
		fmt.Fprintf(&b, "%s\r\n", field)
	}
	switch r.framing {
	case length:
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(r.body), r.body)
	case chunked:
		b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
		writeChunks(&b, r.body)
	default:
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func writeChunks(b *bytes.Buffer, body []byte) {
	for len(body) > 0 {
		n := min(len(body), 1000)
		fmt.Fprintf(b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	b.WriteString("0\r\n\r\n")
}

// A generator makes requests that every server here takes; the same seed makes the same requests.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, seed))} }

func (g generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g generator) request() rawRequest {
	r := rawRequest{
		method: g.pick("GET", "GET", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"),
		target: g.path() + g.query(),
	}
	if g.IntN(16) == 0 {
		r.target = "http://Absolute.test:81" + r.target
	}
	r.fields = append(r.fields, "Host: "+g.pick("site.test", "site.test:8080", "SITE.test", "127.0.0.1", "[::1]:80"))
	r.fields = append(r.fields, g.headerFields()...)
	r.framing = framing(g.IntN(3))
	if r.framing != noBody {
		r.body = g.body()
		r.fields = append(r.fields, "Content-Type: "+g.pick("text/plain", "application/x-www-form-urlencoded", "x/y; charset=\"a b\""))
	}
	return r
}

func (g generator) path() string {
	path := "/echo"
	for range g.IntN(4) {
		path += "/" + g.pick("a", "B", "a.b", "%7Eu", "~u", "y%20z", "a+b", "caf%C3%A9", "a%2Fb", "a%2fb", "%25", "%2525",
			"v;w=1", "a:b", "@", "!$&'()*,", "%3F", "%23", "%ff%fe", "", "...", "%E2%82%AC")
	}
	return path
}

func (g generator) query() string {
	if g.IntN(4) == 0 {
		return g.pick("", "?")
	}
	var pairs []string
	for range 1 + g.IntN(3) {
		pairs = append(pairs, g.pick("a=1", "a=2", "b", "=", "c=%20+%2B", "d=1;2", "e=%C3%A9", "f=?/:@", "g=%zz", "h=%ff", "", "i=a=b"))
	}
	return "?" + strings.Join(pairs, "&")
}

// headerFields takes no line twice, because nginx refuses a second Authorization and its like; X-Probe, Accept and
// Cookie repeat all the same.
func (g generator) headerFields() []string {
	lines := []string{
		"X-Probe: one", "x-probe: two", "X-PROBE: three", "X-Probe: a, b", "X-Empty:", "X-Colon: a:b: c",
		"X-Latin: caf\xe9", "X-Utf: caf\xc3\xa9", "X-Spaces: \t padded \t ", "X-Number-1: 1", "X_Under: dropped",
		"X.Dot: dropped", "Proxy: http://evil.test", "Trailer: X-Sum",
		"Cookie: a=1", "Cookie: b=2; c=3", "Accept: */*", "Accept: text/html;q=0.5", "User-Agent: probe/1.0 (x; y)",
		"Authorization: Basic dTpw", "Referer: http://other.test/?q", "If-None-Match: \"x\"", "X-Forwarded-For: 192.0.2.9",
		"Accept-Encoding: gzip", "Range: bytes=0-1", "Origin: null",
	}
	g.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return lines[:g.IntN(10)]
}

func (g generator) body() []byte {
	sizes := []int{0, 1, 10, 1000, 8192, 40000}
	body := make([]byte, sizes[g.IntN(len(sizes))])
	for i := range body {
		body[i] = byte(g.Uint32())
	}
	return body
}

// String shows the request in a message.
func (r rawRequest) String() string {
	return r.method + " " + r.target + " " + strconv.Quote(strings.Join(r.fields, "\r\n")) +
		fmt.Sprintf(" with %d bytes, framing %d", len(r.body), r.framing)
}

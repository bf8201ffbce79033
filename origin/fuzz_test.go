package origin

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRequest: what net/http refuses is refused, and what is accepted is what
// net/http makes of it.
func FuzzRequest(f *testing.F) {
	for _, head := range []string{
		get(), get("A: b", "a: c"), "GET http://h:1/%41?b HTTP/1.0\nConnection: Keep-Alive\n\n", post("Content-Length: 5", "Content-Length: 5"),
		post("Transfer-Encoding: chunked", "Trailer: a, b"), "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n",
		get("Pragma: no-cache", "Connection: close"), get("A: b", " c"), get("A : b"), post("Content-Length: 5", "Transfer-Encoding: chunked"),
		"GET / HTTP/1.1\r\r\n\r\n", "GET //[::1]/ HTTP/1.1\r\nHost: [::1]\r\n\r\n", "PRI * HTTP/2.0\r\n\r\n",
	} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		n := new(scanner).scan(text)
		if n < 0 {
			return
		}
		var r http.Request
		if err := parseRequest(&r, string(text[:n])); err != nil {
			require.Contains(t, []int{400, 501, 505}, err.status)
			return
		}
		requireSame(t, "accepted", string(text[:n]), &r)
	})
}

// decode reads a chunked body.
func decode(wire string) (data string, trailer http.Header, unread string, err error) {
	src := strings.NewReader(wire)
	x := &exchange{live: new(http.Request)}
	x.in = body{x: x, src: src, state: bodySize}
	b, err := io.ReadAll(&x.in)
	rest, _ := io.ReadAll(src)
	return string(b), x.live.Trailer, string(rest), err
}

// FuzzChunked: what net/http refuses is refused, and what is accepted has the
// same data.
func FuzzChunked(f *testing.F) {
	for _, wire := range []string{
		"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", "1;a=b\r\nx\r\n00\r\nA: b\r\n\r\nrest", "5 ;x\r\nhello\r\n0\r\n\r\n", "5\nhello\n0\n\n", "FFFFFFFFFFFFFFFF\r\n",
		"1\r\nab\r\n0\r\n\r\n", "0\r\nContent-Length: 1\r\n\r\n",
	} {
		f.Add([]byte(wire))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		data, _, rest, err := decode(string(wire))
		if err != nil {
			return
		}
		theirs := bytes.NewReader(wire)
		want, err := io.ReadAll(httputil.NewChunkedReader(theirs))
		require.NoError(t, err, "net/http refuses what is accepted")
		require.Equal(t, string(want), data)
		require.True(t, bytes.HasSuffix(wire, []byte("\r\n"+rest)), "the body ends at a line end")
	})
}

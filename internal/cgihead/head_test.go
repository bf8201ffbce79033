package cgihead

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func parse(s string) (*Response, error) { return Parse(bufio.NewReader(strings.NewReader(s)), 0) }

func TestStatus(t *testing.T) {
	for _, row := range []struct {
		why, head string
		status    int
		reason    string
	}{
		{"no Status is 200", "Content-Type: text/plain\r\n\r\n", 200, ""},
		{"with a phrase", "Status: 404 Not Found\r\n\r\n", 404, "Not Found"},
		{"without a phrase", "Status: 404\r\n\r\n", 404, ""},
		{"with a space and no phrase, as nginx writes", "Status: 404 \r\n\r\n", 404, ""},
		{"LF only", "Status: 404 Not Found\n\n", 404, "Not Found"},
		{"CR LF and LF mixed", "Status: 404 Not Found\r\nX: y\n\r\n", 404, "Not Found"},
		{"in lower case", "status: 404 Not Found\n\n", 404, "Not Found"},
		{"in upper case", "STATUS: 500 Oops\n\n", 500, "Oops"},
		{"no space after the colon", "Status:403 No\n\n", 403, "No"},
		{"the largest", "Status: 999 Odd\n\n", 999, "Odd"},
		{"the smallest that ends an exchange", "Status: 200 OK\n\n", 200, "OK"},
		{"bytes over 127 in the phrase", "Status: 404 Pas trouv\xe9\n\n", 404, "Pas trouv\xe9"},
		{"after other fields", "X-A: 1\nContent-Type: a/b\nStatus: 410 Gone\n\n", 410, "Gone"},
		{"an empty value is no value", "Status:\n\n", 200, ""},
		{"the same twice", "Status: 404 Not Found\nStatus: 404 Not Found\n\n", 404, "Not Found"},
		{"only an empty line: every web server takes it", "\r\nbody", 200, ""},
		{"only a bare LF", "\nbody", 200, ""},
		{"an NPH program's status line", "HTTP/1.1 404 Not Found\r\n\r\n", 404, "Not Found"},
		{"HTTP/1.0 and no phrase", "HTTP/1.0 204\n\n", 204, ""},
		{"a status line wins over a Status field", "HTTP/1.1 404 Not Found\nStatus: 200 OK\n\n", 404, "Not Found"},
		{"a status line wins over Location", "HTTP/1.1 201 Created\nLocation: /new\n\n", 201, "Created"},
		{"an interim response before the final one", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", 200, "OK"},
		{"early hints before the final one", "Status: 103 Early Hints\nLink: </a>\n\nStatus: 204 No Content\n\n", 204, "No Content"},
	} {
		h, err := parse(row.head)
		require.NoError(t, err, row.why)
		require.Equal(t, row.status, h.Status, row.why)
		require.Equal(t, row.reason, h.Reason, row.why)
		require.NotContains(t, h.Header, "Status", row.why)
	}
}

func TestInterimFieldsAreDropped(t *testing.T) {
	h, err := parse("Status: 103 Early Hints\nLink: </a>\n\nContent-Type: a/b\n\n")
	require.NoError(t, err)
	require.Equal(t, http.Header{"Content-Type": {"a/b"}}, h.Header)
}

func TestMalformed(t *testing.T) {
	for _, row := range []struct{ why, head, want string }{
		{"099 is not a status", "Status: 099 Low\n\n", "three digits"},
		{"two digits", "Status: 99\n\n", "three digits"},
		{"four digits", "Status: 1000\n\n", "three digits"},
		{"letters", "Status: abc\n\n", "three digits"},
		{"letters after digits", "Status: 20x\n\n", "three digits"},
		{"a phrase only", "Status: Not Found\n\n", "three digits"},
		{"a sign", "Status: -20 x\n\n", "three digits"},
		{"a tab is no space", "Status: 404\tNot Found\n\n", "three digits"},
		{"two statuses", "Status: 200 OK\nStatus: 404 Not Found\n\n", "Status given as"},
		{"two places", "Location: /a\nLocation: /b\n\n", "Location given as"},
		{"two types", "Content-Type: a/b\nContent-Type: c/d\n\n", "Content-Type given as"},
		{"two lengths", "Content-Length: 1\nContent-Length: 2\n\n", "Content-Length given as"},
		{"a length that is none", "Content-Length: abc\n\n", `Content-Length "abc"`},
		{"a length with a sign", "Content-Length: +5\n\n", `Content-Length "+5"`},
		{"a negative length", "Content-Length: -1\n\n", `Content-Length "-1"`},
		{"a length over 63 bits", "Content-Length: 9223372036854775808\n\n", "Content-Length"},
		{"a coding that is not known", "HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\n", "transfer coding"},
		{"two codings", "HTTP/1.1 200 OK\nTransfer-Encoding: gzip, chunked\n\n", "transfer coding"},
		{"a line without a colon", "foo bar\n\n", "no colon"},
		{"HTML where the head belongs", "<html><body>Hi</body></html>\n\n", "no colon"},
		{"a space before the colon", "X-Sp : 1\n\n", `name "X-Sp "`},
		{"a folded value", "X-A: 1\n  2\n\n", "folded"},
		{"no name", ": v\n\n", "name is empty"},
		{"NUL in a value", "X-A: a\x00b\n\n", `\x00`},
		{"a bare CR in a value", "X-A: a\rb\n\n", `\r`},
		{"NUL in the phrase", "Status: 200 O\x00K\n\n", `\x00`},
		{"NUL in the phrase of a status line", "HTTP/1.1 200 O\x00K\n\n", "control character"},
		{"a control character in a name", "X\x01A: b\n\n", `\x01`},
		{"a version that is no program's", "HTTP/2 200 OK\n\n", "status line"},
		{"a version with more digits", "HTTP/1.10 200 OK\n\n", "status line"},
		{"a status line without a status", "HTTP/1.1\n\n", "status"},
		{"a status line with 099", "HTTP/1.1 099 Low\n\n", "three digits"},
		{"another protocol from here on", "Status: 101 Switching Protocols\nUpgrade: x\n\n", "101"},
		{"an interim response and then the body", "Status: 100 Continue\n\nhello\n\n", "no colon"},
	} {
		_, err := parse(row.head)
		require.ErrorContains(t, err, row.want, row.why)
	}
}

func TestHeadThatDoesNotEnd(t *testing.T) {
	_, err := parse("")
	require.ErrorIs(t, err, ErrEmpty, "nothing at all")
	whole := "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
	for n := 1; n < len(whole); n++ {
		_, err := parse(whole[:n])
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%d of %d bytes", n, len(whole))
	}
	_, err = parse("Status: 100 Continue\n\n")
	require.ErrorIs(t, err, ErrEmpty, "an interim response and nothing after it")

	broken := errors.New("connection reset")
	_, err = Parse(bufio.NewReader(io.MultiReader(strings.NewReader("X: y\n"), iotest.ErrReader(broken))), 0)
	require.Equal(t, broken, err, "what reading says is passed on")
}

func TestLimit(t *testing.T) {
	long := "X-Long: " + strings.Repeat("x", 60_000) + "\r\n\r\n"
	h, err := parse(long)
	require.NoError(t, err, "a line of 60 KB is within 64 KiB")
	require.Len(t, h.Header.Get("X-Long"), 60_000)

	head := "X: y\n\n"
	for _, row := range []struct {
		why   string
		head  string
		limit int
		want  error
	}{
		{"exactly the limit", head, len(head), nil},
		{"one byte more", head, len(head) - 1, ErrTooLarge},
		{"a line that never ends", strings.Repeat("x", 70_000), 0, ErrTooLarge},
		{"lines that never end", strings.Repeat("X: y\n", 20_000), 0, ErrTooLarge},
		{"a larger limit", "X: " + strings.Repeat("y", 100_000) + "\n\n", 1 << 20, nil},
		{"interim responses without end", strings.Repeat("Status: 100\n\n", 10_000), 0, ErrTooLarge},
	} {
		_, err := Parse(bufio.NewReader(strings.NewReader(row.head)), row.limit)
		require.ErrorIs(t, err, row.want, row.why)
	}
}

func TestEverySplit(t *testing.T) {
	whole := "Status: 404 Not Found\r\nX-A: 1\nContent-Length: 4\r\n\r\nbody"
	r := bufio.NewReader(iotest.OneByteReader(strings.NewReader(whole)))
	h, err := Parse(r, 0)
	require.NoError(t, err)
	require.Equal(t, 404, h.Status)
	rest, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, "body", string(rest), "the body is left in the reader")
}

func TestLocation(t *testing.T) {
	for _, row := range []struct {
		why, head string
		status    int
		local     string
	}{
		{"an absolute URI is a redirect for the client", "Location: http://other/x\n\n", 302, ""},
		{"a path is a local redirect", "Location: /a?b=c\n\n", 302, "/a?b=c"},
		{"the root is a path", "Location: /\n\n", 302, "/"},
		{"two slashes begin a host", "Location: //evil/x\n\n", 302, ""},
		{"a relative reference is for the client", "Location: x\n\n", 302, ""},
		{"a Status makes it a redirect with document", "Status: 301 Moved\nLocation: /a\n\n", 301, ""},
		{"the order does not matter", "Location: /a\nStatus: 301 Moved\n\n", 301, ""},
		{"201 with the place of what was made", "Status: 201 Created\nLocation: /a\n\n", 201, ""},
		{"an empty value is no value", "Location:\n\n", 200, ""},
		{"a fragment is for the client", "Location: /a#b\n\n", 302, ""},
		{"other fields must not get lost", "Location: /a\nSet-Cookie: b=c\n\n", 302, ""},
		{"a Content-Type beside it tells nobody anything", "Content-Type: text/html\nLocation: /a\nConnection: close\n\n", 302, "/a"},
		{"in any case", "LOCATION: /a\n\n", 302, "/a"},
	} {
		h, err := parse(row.head)
		require.NoError(t, err, row.why)
		require.Equal(t, row.status, h.Status, row.why)
		require.Equal(t, row.local, h.Local, row.why)
	}
	h, err := parse("Location: /a\n\n")
	require.NoError(t, err)
	require.Equal(t, "/a", h.Header.Get("Location"), "a caller that does not follow leaves it to the client")
}

func TestHeader(t *testing.T) {
	for _, row := range []struct {
		why, head string
		want      http.Header
	}{
		{"names become canonical", "content-type: a/b\nX-CGI-foo: bar\n\n", http.Header{"Content-Type": {"a/b"}, "X-Cgi-Foo": {"bar"}}},
		{"values of one name keep their order", "Set-Cookie: b\nset-cookie: a\n\n", http.Header{"Set-Cookie": {"b", "a"}}},
		{"spaces around a value are not part of it", "X:  \t v \t\n\n", http.Header{"X": {"v"}}},
		{"UTF-8 passes", "X: \u00fc\n\n", http.Header{"X": {"\u00fc"}}},
		{"hop-by-hop fields are dropped", "Connection: close\nKeep-Alive: 5\nUpgrade: h2c\nTrailer: X\nTE: x\nProxy-Connection: x\nA: b\n\n", http.Header{"A": {"b"}}},
		{"and those that Connection names", "Connection: close, X-Hop\nX-Hop: 1\nA: b\n\n", http.Header{"A": {"b"}}},
		{"but not the length", "Connection: Content-Length\nContent-Length: 3\n\n", http.Header{"Content-Length": {"3"}}},
		{"chunked framing hides the length", "HTTP/1.1 200 OK\nTransfer-Encoding: Chunked\nContent-Length: 3\n\n", http.Header{}},
		{"of a program that does not speak HTTP, the length counts", "Transfer-Encoding: chunked\nContent-Length: 3\n\n", http.Header{"Content-Length": {"3"}}},
		{"the server's own fields pass", "Server: s\nDate: d\nX-Accel-Buffering: no\n\n", http.Header{"Server": {"s"}, "Date": {"d"}, "X-Accel-Buffering": {"no"}}},
		{"no Content-Type is made up", "X: y\n\n", http.Header{"X": {"y"}}},
		{"an empty Content-Type is none", "Content-Type:\n\n", http.Header{}},
		{"the same length twice is one", "Content-Length: 3\nContent-Length: 3\n\n", http.Header{"Content-Length": {"3"}}},
	} {
		h, err := parse(row.head)
		require.NoError(t, err, row.why)
		require.Equal(t, row.want, h.Header, row.why)
	}
}

func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bufio.NewReader(strings.NewReader(string(b)))
		h, err := Parse(r, 0)
		if err != nil {
			return
		}
		require.True(t, h.Status >= 200 && h.Status <= 999, "a final status")
		require.NotContains(t, h.Header, "Status")
		require.NotContains(t, h.Header, "Connection")
		require.NotContains(t, h.Header, "Transfer-Encoding")
		for name, values := range h.Header {
			for _, v := range append(values, name) {
				require.NotContains(t, v, "\n", "no line ends get through")
				require.NotContains(t, v, "\x00", "nor NUL")
			}
		}
	})
}

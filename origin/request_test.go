package origin

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// get is a request head with these fields after Host.
func get(fields ...string) string {
	return "GET / HTTP/1.1\r\nHost: h\r\n" + strings.Join(append(fields, ""), "\r\n") + "\r\n"
}

// post is get with the method that has a body.
func post(fields ...string) string {
	return strings.Replace(get(fields...), "GET", "POST", 1)
}

// requireSame compares what the parser makes of a head with what net/http makes
// of it, which must accept it.
func requireSame(t *testing.T, why, head string, got *http.Request) {
	t.Helper()
	want, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
	require.NoError(t, err, "%s: net/http refuses %q", why, head)
	require.Equal(t, want.Method, got.Method, why)
	require.Equal(t, want.URL, got.URL, why)
	require.Equal(t, want.Proto, got.Proto, why)
	require.Equal(t, []int{want.ProtoMajor, want.ProtoMinor}, []int{got.ProtoMajor, got.ProtoMinor}, why)
	require.Equal(t, want.Header, got.Header, why)
	require.Equal(t, want.ContentLength, got.ContentLength, why)
	require.Equal(t, want.TransferEncoding, got.TransferEncoding, why)
	require.Equal(t, want.Close, got.Close, why)
	require.Equal(t, want.Host, got.Host, why)
	require.Equal(t, want.Trailer, got.Trailer, why)
	require.Equal(t, want.RequestURI, got.RequestURI, why)
}

func TestRequestsAreThoseOfNetHTTP(t *testing.T) {
	for _, row := range []struct{ why, head string }{
		{"the least there can be", get()},
		{"HTTP/1.0 needs no host", "GET / HTTP/1.0\r\n\r\n"},
		{"HTTP/1.0 may have one", "GET / HTTP/1.0\r\nHost: h\r\n\r\n"},
		{"a minor version that is yet to come", "GET / HTTP/1.9\r\nHost: h\r\n\r\n"},
		{"lines that LF alone ends", "GET / HTTP/1.1\nHost: h\nA: b\n\n"},
		{"line ends of both kinds", "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\n"},
		{"any token is a method", "br!e#w / HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"a query", "GET /a?b=c&d HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"an empty query", "GET /a? HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"a fragment is part of the path", "GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"escapes in the path", "GET /a%2Fb%20c/%C3%A4 HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"bytes beyond ASCII in the path", "GET /\xc3\xa4\xff HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"a path that begins with two slashes", "GET //a/b HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"absolute-form, whose host counts", "GET http://other:81/a?b HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"absolute-form without a path", "GET http://other HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"absolute-form with a user", "GET http://u:p@other/ HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"the server as a whole", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"authority-form", "CONNECT other:443 HTTP/1.1\r\nHost: other:443\r\n\r\n"},
		{"CONNECT with a path, as net/rpc has it", "CONNECT /rpc HTTP/1.1\r\nHost: h\r\n\r\n"},
		{"an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"},
		{"an IPv6 host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
		{"names in any case", get("x-CUSTOM-name: a", "ETAG: b", "x_y: c")},
		{"a name that common ones are not", get("sec-ch-ua-PLATFORM: x")},
		{"one name many times, in order", get("A: 1", "B: 2", "a: 3", "A: 4")},
		{"more fields than one map bucket holds", get("A: 1", "B: 2", "C: 3", "D: 4", "E: 5", "F: 6", "G: 7", "H: 8", "I: 9", "J: 10")},
		{"white space around a value", get("A: \t b c \t ", "D:e")},
		{"an empty value", get("A:", "B: ")},
		{"a colon in a value", get("A: b: c")},
		{"bytes beyond ASCII in a value", get("A: \xe4\xff")},
		{"a tab in a value", get("A: b\tc")},
		{"Pragma for caches of HTTP/1.0", get("Pragma: no-cache")},
		{"Pragma beside Cache-Control", get("Pragma: no-cache", "Cache-Control: max-age=0")},
		{"a length", post("Content-Length: 5")},
		{"a length of zero", post("Content-Length: 0")},
		{"a length with zeros before it", post("Content-Length: 005")},
		{"the greatest length", post("Content-Length: 9223372036854775807")},
		{"one length twice", post("Content-Length: 5", "Content-Length: 5 ")},
		{"chunked", post("Transfer-Encoding: chunked")},
		{"chunked in any case", post("transfer-encoding: Chunked")},
		{"announced trailers", post("Transfer-Encoding: chunked", "Trailer: a, B-c", "Trailer: ,d,")},
		{"trailers announced by nothing", post("Transfer-Encoding: chunked", "Trailer: ,")},
		{"trailers where there are no chunks", post("Trailer: a")},
		{"close", get("Connection: close")},
		{"close among others", get("Connection: keep-alive, Close")},
		{"close in the second field", get("Connection: x", "Connection: close")},
		{"something like close", get("Connection: closed, cloſe")},
		{"keep-alive in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"},
		{"close in HTTP/1.0", "GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n"},
		{"upgrade", get("Connection: Upgrade", "Upgrade: websocket")},
		{"expectation", post("Expect: 100-continue", "Content-Length: 5")},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, len(row.head), new(scanner).scan([]byte(row.head)), "the head ends at its end")
			var r http.Request
			require.Nil(t, parseRequest(&r, row.head))
			requireSame(t, row.why, row.head, &r)
		})
	}
}

func TestWhatIsNoRequest(t *testing.T) {
	for _, row := range []struct {
		why, head string
		status    int
		fact      string
	}{
		{"nothing", "\r\n\r\n", 400, `request line "" is not method, target and version`},
		{"HTTP/0.9", "GET /\r\n\r\n", 400, `request line "GET /" is not method, target and version`},
		{"HTTP/0.9 by its name", "GET / HTTP/0.9\r\nHost: h\r\n\r\n", 505, "version HTTP/0.9 is not supported"},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\n", 505, "version HTTP/2.0 is not supported"},
		{"a version without a minor one", "GET / HTTP/1\r\nHost: h\r\n\r\n", 400, `version "HTTP/1" is malformed`},
		{"a version in small letters", "GET / http/1.1\r\nHost: h\r\n\r\n", 400, `version "http/1.1" is malformed`},
		{"a version of two digits", "GET / HTTP/1.10\r\nHost: h\r\n\r\n", 400, `version "HTTP/1.10" is malformed`},
		{"a space after the version", "GET / HTTP/1.1 \r\nHost: h\r\n\r\n", 400, `version "HTTP/1.1 " is malformed`},
		{"CR inside the version", "GET / HTTP/1.1\r\r\nHost: h\r\n\r\n", 400, `version "HTTP/1.1\r" is malformed`},
		{"two spaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400, `version "/ HTTP/1.1" is malformed`},
		{"a tab for a space", "GET\t/ HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request line "GET\t/ HTTP/1.1" is not method, target and version`},
		{"a space before the method", " GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400, `method "" is not a token`},
		{"no method", " / HTTP/1.1\r\nHost: h\r\n\r\n", 400, `method "" is not a token`},
		{"a method that is no token", "G(T / HTTP/1.1\r\nHost: h\r\n\r\n", 400, `method "G(T" is not a token`},
		{"a relative target", "GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "a" is malformed`},
		{"an escape that is none", "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "/%zz" is malformed`},
		{"NUL in the target", "GET /\x00 HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "/\x00" is malformed`},
		{"CR in the target", "GET /\ra HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "/\ra" is malformed`},
		{"DEL in the target", "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "/\x7f" is malformed`},
		{"an absolute target without a host", "GET http:///a HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "http:///a" is malformed`},
		{"a target that is another scheme's", "GET mailto:a HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "mailto:a" is malformed`},
		{"CONNECT to a port that is none", "CONNECT h:x HTTP/1.1\r\nHost: h\r\n\r\n", 400, `request target "h:x" is malformed`},

		{"no host", "GET / HTTP/1.1\r\n\r\n", 400, "no Host field"},
		{"no host for CONNECT", "CONNECT h:1 HTTP/1.1\r\n\r\n", 400, "no Host field"},
		{"two hosts", get("Host: h"), 400, "2 Host fields"},
		{"two hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400, "2 Host fields"},
		{"a host with a path", "GET / HTTP/1.1\r\nHost: h/a\r\n\r\n", 400, `host "h/a" is malformed`},
		{"a host with a user", "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", 400, `host "u@h" is malformed`},
		{"a host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, `host "a b" is malformed`},

		{"a continued line", get("A: b", " c"), 400, `header line " c" continues the one before`},
		{"a continued line with a tab", get("A: b", "\tc"), 400, `header line "\tc" continues the one before`},
		{"a first line that continues", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, `header line " Host: h" continues the one before`},
		{"a line of spaces", get(" "), 400, `header line " " continues the one before`},
		{"a line without a colon", get("A"), 400, `header line "A" has no colon`},
		{"a line of CR alone", get("\r"), 400, `header line "\r" has no colon`},
		{"no name", get(": a"), 400, `header name "" is not a token`},
		{"a space before the colon", get("A : b"), 400, `header name "A " is not a token`},
		{"a tab before the colon", get("A\t: b"), 400, `header name "A\t" is not a token`},
		{"a space in a name", get("A b: c"), 400, `header name "A b" is not a token`},
		{"NUL in a name", get("A\x00: b"), 400, `header name "A\x00" is not a token`},
		{"CR in a name", get("A\r: b"), 400, `header name "A\r" is not a token`},
		{"a name beyond ASCII", get("\xc3\xa4: b"), 400, `header name "ä" is not a token`},
		{"NUL in a value", get("A: b\x00c"), 400, `header "A" has a control character in its value`},
		{"CR in a value", get("A: b\rc"), 400, `header "A" has a control character in its value`},
		{"CR at the end of a value", get("A: b\r"), 400, `header "A" has a control character in its value`},
		{"CR before a value", get("A: \rb"), 400, `header "A" has a control character in its value`},
		{"escape in a value", get("A: \x1b[2J"), 400, `header "A" has a control character in its value`},
		{"DEL in a value", get("A: \x7f"), 400, `header "A" has a control character in its value`},

		{"two lengths", post("Content-Length: 5", "Content-Length: 6"), 400, `two Content-Length fields, "5" and "6"`},
		{"two spellings of a length", post("Content-Length: 5", "Content-Length: 05"), 400, `two Content-Length fields, "5" and "05"`},
		{"two lengths in one field", post("Content-Length: 5, 5"), 400, `Content-Length "5, 5" is not a number of bytes`},
		{"no length", post("Content-Length:"), 400, `Content-Length "" is not a number of bytes`},
		{"a signed length", post("Content-Length: +5"), 400, `Content-Length "+5" is not a number of bytes`},
		{"a negative length", post("Content-Length: -1"), 400, `Content-Length "-1" is not a number of bytes`},
		{"a length in hexadecimal", post("Content-Length: 0x5"), 400, `Content-Length "0x5" is not a number of bytes`},
		{"a length with a fraction", post("Content-Length: 5.0"), 400, `Content-Length "5.0" is not a number of bytes`},
		{"a length with an underscore", post("Content-Length: 1_0"), 400, `Content-Length "1_0" is not a number of bytes`},
		{"a length beyond 63 bits", post("Content-Length: 9223372036854775808"), 400, `Content-Length "9223372036854775808" is not a number of bytes`},
		{"length and chunks", post("Content-Length: 5", "Transfer-Encoding: chunked"), 400, "Transfer-Encoding and Content-Length together"},
		{"chunks and length", post("Transfer-Encoding: chunked", "Content-Length: 5"), 400, "Transfer-Encoding and Content-Length together"},
		{"length and an unknown coding", post("Content-Length: 5", "Transfer-Encoding: gzip"), 400, "Transfer-Encoding and Content-Length together"},
		{"chunks in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "Transfer-Encoding in HTTP/1.0"},
		{"chunked twice", post("Transfer-Encoding: chunked, chunked"), 400, "the chunked coding is applied twice"},
		{"chunked in two fields", post("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), 400, "the chunked coding is applied twice"},
		{"no coding", post("Transfer-Encoding:"), 400, `Transfer-Encoding "" is malformed`},
		{"an empty item", post("Transfer-Encoding: chunked,"), 400, `Transfer-Encoding "chunked," is malformed`},
		{"a vertical tab before the coding", post("Transfer-Encoding: \x0bchunked"), 400, `header "Transfer-Encoding" has a control character in its value`},
		{"an unknown coding", post("Transfer-Encoding: gzip"), 501, `transfer coding "gzip" is not supported`},
		{"the coding that does nothing", post("Transfer-Encoding: identity"), 501, `transfer coding "identity" is not supported`},
		{"an unknown coding before the chunks", post("Transfer-Encoding: gzip, chunked"), 501, `transfer coding "gzip" is not supported`},
		{"an unknown coding after the chunks", post("Transfer-Encoding: chunked", "Transfer-Encoding: x"), 501, `transfer coding "x" is not supported`},
		{"something like chunked", post("Transfer-Encoding: xchunked"), 501, `transfer coding "xchunked" is not supported`},
		{"something that folds to chunked", post("Transfer-Encoding: chun\u212aed"), 501, "transfer coding \"chun\u212aed\" is not supported"},
		{"chunked in quotes", post(`Transfer-Encoding: "chunked"`), 501, `transfer coding "\"chunked\"" is not supported`},
		{"chunked with a parameter", post("Transfer-Encoding: chunked;a=b"), 501, `transfer coding "chunked;a=b" is not supported`},
		{"a trailer that says how long", post("Transfer-Encoding: chunked", "Trailer: content-length"), 400, "Trailer names Content-Length"},
		{"a trailer that says where to", post("Transfer-Encoding: chunked", "Trailer: a, host"), 400, "Trailer names Host"},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, &refusal{row.status, row.fact}, parseRequest(new(http.Request), row.head))
		})
	}
}

func TestErrorsAreShort(t *testing.T) {
	long := strings.Repeat("\x00", 1000)
	for _, head := range []string{
		long + "\r\n\r\n", "GET " + long + " HTTP/1.1\r\n\r\n", long + " / HTTP/1.1\r\n\r\n", "GET / " + long + "\r\n\r\n", get(long), get(long + ": a"),
		get("A: " + long), "GET / HTTP/1.1\r\nHost: " + strings.Repeat("/", 1000) + "\r\n\r\n", post("Content-Length: " + strings.Repeat("x", 1000)),
		post("Transfer-Encoding: " + strings.Repeat("x", 1000)), post("Transfer-Encoding: " + strings.Repeat(",", 1000)),
	} {
		err := parseRequest(new(http.Request), head)
		require.NotNil(t, err, head)
		require.Less(t, len(err.Error()), 450, "80 bytes, escaped")
	}
}

func TestScannerFindsTheEnd(t *testing.T) {
	for _, row := range []struct {
		why, text string
		end       int
	}{
		{"CRLF", "a\r\n\r\nb", 5},
		{"LF", "a\n\nb", 3},
		{"LF, then CRLF", "a\n\r\nb", 4},
		{"CRLF, then LF", "a\r\n\nb", 4},
		{"no empty line", "a\r\nb\r\n", -1},
		{"CR is no line end", "a\r\r\n\rb\r\n", -1},
		{"two CR are no empty line", "a\n\r\r\n", -1},
		{"an empty first line is no end", "\r\na\r\n\r\n", 7},
	} {
		t.Run(row.why, func(t *testing.T) {
			require.Equal(t, row.end, new(scanner).scan([]byte(row.text)))
			var s scanner
			end := -1
			for i := 0; i < len(row.text) && end < 0; i++ {
				if s.scan([]byte(row.text[i:i+1])) == 1 {
					end = i + 1
				}
			}
			require.Equal(t, row.end, end, "byte by byte")
		})
	}
}

package origin

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChunkedBodies(t *testing.T) {
	big := strings.Repeat("x", 100_000)
	for _, row := range []struct {
		why, wire, data string
		trailer         http.Header
	}{
		{"nothing", "0\r\n\r\n", "", nil},
		{"one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello", nil},
		{"two chunks", "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", "hello world", nil},
		{"data that looks like lines", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n", nil},
		{"digits of both cases", "a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a", nil},
		{"zeros before the size", "0005\r\nhello\r\n000\r\n\r\n", "hello", nil},
		{"a large chunk", "186a0\r\n" + big + "\r\n0\r\n\r\n", big, nil},
		{"an extension", "5;a=b\r\nhello\r\n0;c\r\n\r\n", "hello", nil},
		{"an extension with white space", "5; a = \"b c\"\r\nhello\r\n0\r\n\r\n", "hello", nil},
		{"the longest line", "5;" + strings.Repeat("a", maxChunkLine-2) + "\r\nhello\r\n0\r\n\r\n", "hello", nil},
		{"a trailer", "0\r\nA: b\r\n\r\n", "", http.Header{"A": {"b"}}},
		{"trailers", "1\r\nx\r\n0\r\na: b\r\nA:  c \r\nd-e:\r\n\r\n", "x", http.Header{"A": {"b", "c"}, "D-E": {""}}},
		{"a byte a chunk", strings.Repeat("1\r\nx\r\n", 20_000) + "0\r\n\r\n", strings.Repeat("x", 20_000), nil},
	} {
		t.Run(row.why, func(t *testing.T) {
			data, trailer, rest, err := decode(row.wire + "next")
			require.NoError(t, err)
			require.Equal(t, row.data, data)
			require.Equal(t, row.trailer, trailer)
			require.Equal(t, "next", rest, "what follows stays")
		})
	}
}

func TestBrokenChunkedBodies(t *testing.T) {
	for _, row := range []struct{ why, wire, err string }{
		{"no size", "\r\nhello\r\n", "origin: chunk size is missing"},
		{"an extension without a size", ";a\r\n", "origin: chunk size is missing"},
		{"a sign", "+5\r\nhello\r\n", `origin: chunk size "+5" is malformed`},
		{"a minus", "-5\r\nhello\r\n", `origin: chunk size "-5" is malformed`},
		{"a prefix", "0x5\r\nhello\r\n", `origin: chunk size "0x5" is malformed`},
		{"a digit that is none", "5g\r\nhello\r\n", `origin: chunk size "5g" is malformed`},
		{"a control that a careless mask takes for a digit", "\x15\r\nhello\r\n", `origin: chunk size "\x15" is malformed`},
		{"NUL", "5\x00\r\nhello\r\n", `origin: chunk size "5\x00" is malformed`},
		{"a space before the size", " 5\r\nhello\r\n", `origin: chunk size " 5" is malformed`},
		{"a space after the size", "5 \r\nhello\r\n", `origin: chunk size "5 " is malformed`},
		{"a size beyond 60 bits", "1000000000000000\r\n", `origin: chunk size "1000000000000000" is malformed`},
		{"a size beyond 64 bits", "10000000000000005\r\nhello\r\n", `origin: chunk size "10000000000000005" is malformed`},
		{"a control in an extension", "5;a=\x00\r\nhello\r\n", `origin: chunk extension "a=\x00" has a control character`},
		{"LF alone after the size", "5\nhello\r\n", "origin: line of a chunked body does not end in CRLF"},
		{"LF alone in an extension", "5;a\nhello\r\n", "origin: line of a chunked body does not end in CRLF"},
		{"CR alone after the size", "5\rhello\r\n", "origin: line of a chunked body does not end in CRLF"},
		{"CR twice", "5\r\r\nhello\r\n", "origin: line of a chunked body does not end in CRLF"},
		{"LF alone after the data", "5\r\nhello\n0\r\n\r\n", "origin: chunk is longer than its size"},
		{"CR alone after the data", "5\r\nhello\r0\r\n\r\n", "origin: chunk is longer than its size"},
		{"more data than said", "5\r\nhello!\r\n0\r\n\r\n", "origin: chunk is longer than its size"},
		{"no line end after the data", "5\r\nhello0\r\n\r\n", "origin: chunk is longer than its size"},
		{"a long line", "5;" + strings.Repeat("a", maxChunkLine-1) + "\r\nhello\r\n", "origin: line of a chunked body is too long"},
		{"long lines", strings.Repeat("1;"+strings.Repeat("a", 1000)+"\r\nx\r\n", 20), "origin: chunked body has too little data in its chunks"},
		{"LF alone in the trailer section", "0\r\nA: b\n\r\n", "origin: line of a chunked body does not end in CRLF"},
		{"LF alone at the end", "0\r\n\n", "origin: line of a chunked body does not end in CRLF"},
		{"a trailer without a colon", "0\r\nA\r\n\r\n", `origin: header line "A" has no colon`},
		{"a continued trailer", "0\r\nA: b\r\n c\r\n\r\n", `origin: header line " c" continues the one before`},
		{"a control in a trailer", "0\r\nA: b\x00\r\n\r\n", `origin: header "A" has a control character in its value`},
		{"a trailer that says how long", "0\r\ncontent-length: 5\r\n\r\n", "origin: Content-Length in the trailer section"},
		{"a trailer that says how", "0\r\nTransfer-Encoding: chunked\r\n\r\n", "origin: Transfer-Encoding in the trailer section"},
		{"a trailer that says where to", "0\r\nHost: h\r\n\r\n", "origin: Host in the trailer section"},
		{"a long trailer", "0\r\nA: " + strings.Repeat("a", maxTrailer) + "\r\n\r\n", "origin: line of a chunked body is too long"},
		{"long trailers", "0\r\n" + strings.Repeat("A: "+strings.Repeat("a", 1000)+"\r\n", 17) + "\r\n", "origin: trailer section is longer than 16384 bytes"},
		{"cut in the size", "5", "unexpected EOF"},
		{"cut after the size", "5\r", "unexpected EOF"},
		{"cut in the data", "5\r\nhell", "unexpected EOF"},
		{"cut after the data", "5\r\nhello", "unexpected EOF"},
		{"cut before the last chunk", "5\r\nhello\r\n", "unexpected EOF"},
		{"cut after the last chunk", "0\r\n", "unexpected EOF"},
		{"cut in the trailer section", "0\r\nA: b\r\n", "unexpected EOF"},
	} {
		t.Run(row.why, func(t *testing.T) {
			_, trailer, _, err := decode(row.wire)
			require.EqualError(t, err, row.err)
			require.Nil(t, trailer)
		})
	}
}

func TestErrorsOfBodiesStay(t *testing.T) {
	x := &exchange{}
	x.in = body{x: x, src: strings.NewReader("x\r\n5\r\nhello\r\n0\r\n\r\n"), state: bodySize}
	for range 3 {
		n, err := x.in.Read(make([]byte, 10))
		require.Zero(t, n)
		require.EqualError(t, err, `origin: chunk size "x" is malformed`)
	}
}

func TestAnnouncedTrailersAreFilled(t *testing.T) {
	r := &http.Request{Trailer: http.Header{"A": nil, "B": nil}}
	x := &exchange{live: r}
	x.in = body{x: x, src: strings.NewReader("0\r\na: 1\r\nc: 2\r\n\r\n"), state: bodySize}
	_, err := io.ReadAll(&x.in)
	require.NoError(t, err)
	require.Equal(t, http.Header{"A": {"1"}, "B": nil, "C": {"2"}}, r.Trailer, "those not announced too, as in net/http")
}

package cgihead

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// deliver writes a whole response to a recorder.
func deliver(t *testing.T, method string, src io.Reader) (*httptest.ResponseRecorder, error) {
	t.Helper()
	in := bufio.NewReader(src)
	h, err := Parse(in, 0)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	return w, h.Deliver(w, method, in)
}

func TestDeliver(t *testing.T) {
	for _, row := range []struct {
		why, method, wire string
		status            int
		body              string
		err               error
	}{
		{"a body to the end of the reader", "GET", "Content-Type: a/b\n\nhello", 200, "hello", nil},
		{"no body", "GET", "Status: 404 Not Found\n\n", 404, "", nil},
		{"as long as announced", "GET", "Content-Length: 5\n\nhello", 200, "hello", nil},
		{"longer than announced is cut", "GET", "Content-Length: 3\n\nhello", 200, "hel", nil},
		{"shorter than announced is an error", "GET", "Content-Length: 6\n\nhello", 200, "hello", io.ErrUnexpectedEOF},
		{"nothing of what was announced", "GET", "Content-Length: 6\n\n", 200, "", io.ErrUnexpectedEOF},
		{"HEAD has no body, whatever comes", "HEAD", "Content-Length: 5\n\nhello", 200, "", nil},
		{"nor has 204", "GET", "Status: 204 No Content\n\nhello", 204, "", nil},
		{"nor 304", "GET", "Status: 304 Not Modified\n\nhello", 304, "", nil},
		{"a transfer coding of a CGI program is dropped, and no framing is looked for", "GET", "Transfer-Encoding: chunked\n\n5\r\nhello", 200, "5\r\nhello", nil},
		{"an unknown one, too", "GET", "Transfer-Encoding: gzip\nContent-Length: 2\n\nhi", 200, "hi", nil},
		{"chunked framing after a status line is taken off", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n", 200, "hello!", nil},
		{"chunks that do not end", "GET", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\r\nhello\r\n", 200, "hello", io.ErrUnexpectedEOF},
		{"an unregistered status", "GET", "Status: 999 Odd\n\nx", 999, "x", nil},
	} {
		w, err := deliver(t, row.method, strings.NewReader(row.wire))
		require.ErrorIs(t, err, row.err, row.why)
		require.Equal(t, row.status, w.Code, row.why)
		require.Equal(t, row.body, w.Body.String(), row.why)
	}
}

func TestDeliverSetsNoContentType(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in := bufio.NewReader(strings.NewReader("X: y\n\n<html>hello"))
		h, err := Parse(in, 0)
		if err != nil || h.Deliver(w, r.Method, in) != nil {
			panic("deliver")
		}
	}))
	defer server.Close()
	resp, err := http.Get(server.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.NotContains(t, resp.Header, "Content-Type", "RFC 3875, section 6.3.1: the server does not guess")
	require.Equal(t, "y", resp.Header.Get("X"))
}

func TestDeliverErrors(t *testing.T) {
	broken := errors.New("broken")
	w, err := deliver(t, "GET", io.MultiReader(strings.NewReader("X: y\n\nhel"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken, "an error of the source")
	require.Equal(t, "hel", w.Body.String())

	for _, whole := range []string{"Content-Length: 3\n\nhel", "Content-Length: 3\n\nhel, and more", "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n3\r\nhel\r\n0\r\n\r\n"} {
		w, err = deliver(t, "GET", io.MultiReader(strings.NewReader(whole), iotest.ErrReader(broken)))
		require.NoError(t, err, "an error of the source after a whole response")
		require.Equal(t, "hel", w.Body.String())
	}

	in := bufio.NewReader(strings.NewReader("X: y\n\nhello"))
	h, err := Parse(in, 0)
	require.NoError(t, err)
	require.ErrorIs(t, h.Deliver(failing{httptest.NewRecorder(), broken}, "GET", in), broken, "an error of the client")
}

type failing struct {
	http.ResponseWriter
	err error
}

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// flushes records what was written when Flush was called.
type flushes struct {
	*httptest.ResponseRecorder
	seen []string
}

func (f *flushes) Flush() { f.seen = append(f.seen, f.Body.String()) }

func TestDeliverFlushesBeforeItWaits(t *testing.T) {
	src, dst := io.Pipe()
	in := bufio.NewReader(src)
	w := &flushes{ResponseRecorder: httptest.NewRecorder()}
	done := make(chan error)
	go func() {
		h, err := Parse(in, 0)
		if err == nil {
			err = h.Deliver(w, "GET", in)
		}
		done <- err
	}()
	for _, part := range []string{"Content-Type: text/event-stream\n\n", "data: 1\n", "data: 2\n"} {
		_, err := io.WriteString(dst, part)
		require.NoError(t, err)
	}
	dst.Close()
	require.NoError(t, <-done)
	require.Equal(t, []string{"", "data: 1\n", "data: 1\ndata: 2\n"}, w.seen, "the head, then each part")
}

func TestDeliverDoesNotFlushWhatComesTogether(t *testing.T) {
	w := &flushes{ResponseRecorder: httptest.NewRecorder()}
	in := bufio.NewReader(strings.NewReader("Content-Length: 5\n\nhello and more"))
	h, err := Parse(in, 0)
	require.NoError(t, err)
	require.NoError(t, h.Deliver(w, "GET", in))
	require.Equal(t, "hello", w.Body.String())
	require.NotContains(t, w.seen, "", "the head waited for the body that was there already")
}

func TestHTTP(t *testing.T) {
	for _, row := range []struct {
		why, method, wire string
		status            string
		length            int64
		body              string
		err               error
	}{
		{"a phrase as given", "GET", "Status: 200 Fine\n\nhello", "200 Fine", -1, "hello", nil},
		{"a phrase made up", "GET", "Status: 404\n\n", "404 Not Found", -1, "", nil},
		{"a declared length", "GET", "Content-Length: 5\n\nhello", "200 OK", 5, "hello", nil},
		{"a body too short", "GET", "Content-Length: 6\n\nhello", "200 OK", 6, "hello", io.ErrUnexpectedEOF},
		{"HEAD keeps the length", "HEAD", "Content-Length: 5\n\n", "200 OK", 5, "", nil},
		{"304 has a length but no body", "GET", "Status: 304\nContent-Length: 5\n\n", "304 Not Modified", 0, "", nil},
	} {
		in := bufio.NewReader(strings.NewReader(row.wire))
		h, err := Parse(in, 0)
		require.NoError(t, err, row.why)
		closed := &closer{}
		req := httptest.NewRequest(row.method, "/", nil)
		resp := h.HTTP(req, in, closed)
		require.Equal(t, row.status, resp.Status, row.why)
		require.Equal(t, row.length, resp.ContentLength, row.why)
		require.Equal(t, req, resp.Request, row.why)
		body, err := io.ReadAll(resp.Body)
		require.ErrorIs(t, err, row.err, row.why)
		require.Equal(t, row.body, string(body), row.why)
		require.False(t, closed.done, row.why)
		require.NoError(t, resp.Body.Close(), row.why)
		require.True(t, closed.done, row.why)
	}
}

type closer struct{ done bool }

func (c *closer) Close() error {
	c.done = true
	return nil
}

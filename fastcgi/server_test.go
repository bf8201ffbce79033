package fastcgi_test

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

func serve(t testing.TB, s *fastcgi.Server) string {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return path
}

func smallRequest(id uint16, flags uint8) []byte {
	var p []byte
	for _, kv := range [][2]string{
		{"QUERY_STRING", ""}, {"REQUEST_METHOD", "GET"}, {"CONTENT_TYPE", ""}, {"CONTENT_LENGTH", ""},
		{"SCRIPT_NAME", "/hello"}, {"REQUEST_URI", "/hello"}, {"DOCUMENT_URI", "/hello"}, {"DOCUMENT_ROOT", "/usr/share/nginx/html"},
		{"SERVER_PROTOCOL", "HTTP/1.1"}, {"REQUEST_SCHEME", "http"}, {"GATEWAY_INTERFACE", "CGI/1.1"}, {"SERVER_SOFTWARE", "nginx/1.22.1"},
		{"REMOTE_ADDR", "127.0.0.1"}, {"REMOTE_PORT", "40000"}, {"SERVER_ADDR", "127.0.0.1"}, {"SERVER_PORT", "8080"}, {"SERVER_NAME", "localhost"},
		{"REDIRECT_STATUS", "200"}, {"HTTP_HOST", "localhost:8080"}, {"HTTP_USER_AGENT", "bench/1.0"}, {"HTTP_ACCEPT", "*/*"},
		{"HTTP_ACCEPT_ENCODING", "gzip, deflate"}, {"HTTP_COOKIE", "a=b; c=d"},
	} {
		p = record.AppendPair(p, kv[0], kv[1])
	}
	b := record.AppendRecord(nil, record.BeginRequest, id, record.AppendBegin(nil, record.Begin{Role: record.Responder, Flags: flags}))
	b = record.AppendRecord(b, record.Params, id, p)
	b = record.AppendRecord(b, record.Params, id, nil)
	return record.AppendRecord(b, record.Stdin, id, nil)
}

func readResponse(t testing.TB, c net.Conn, buf []byte) []byte {
	n := 0
	for {
		m, err := c.Read(buf[n:])
		require.NoError(t, err)
		n += m
		if n >= 16 && buf[n-16+1] == byte(record.EndRequest) {
			return buf[:n]
		}
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "Hello, World!")
}

func TestHello(t *testing.T) {
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(hello)})
	c, err := net.Dial("unix", path)
	require.NoError(t, err)
	defer c.Close()
	req := smallRequest(1, 1)
	buf := make([]byte, 4096)
	for range 3 {
		c.Write(req)
		t.Logf("%q", readResponse(t, c, buf))
	}
}

func BenchmarkSmallKept(b *testing.B) {
	path := serve(b, &fastcgi.Server{Handler: http.HandlerFunc(hello)})
	c, err := net.Dial("unix", path)
	require.NoError(b, err)
	defer c.Close()
	req := smallRequest(1, 1)
	buf := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		c.Write(req)
		readResponse(b, c, buf)
	}
}

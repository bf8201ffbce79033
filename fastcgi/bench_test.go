package fastcgi_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/fcgi"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// smallRequest is a GET with the parameters of nginx's fastcgi_params and five
// header fields.
func smallRequest(id uint16, flags uint8) []byte {
	p := pairs("QUERY_STRING", "", "REQUEST_METHOD", "GET", "CONTENT_TYPE", "", "CONTENT_LENGTH", "",
		"SCRIPT_NAME", "/hello", "REQUEST_URI", "/hello", "DOCUMENT_URI", "/hello", "DOCUMENT_ROOT", "/usr/share/nginx/html",
		"SERVER_PROTOCOL", "HTTP/1.1", "REQUEST_SCHEME", "http", "GATEWAY_INTERFACE", "CGI/1.1", "SERVER_SOFTWARE", "nginx/1.22.1",
		"REMOTE_ADDR", "127.0.0.1", "REMOTE_PORT", "40000", "SERVER_ADDR", "127.0.0.1", "SERVER_PORT", "8080", "SERVER_NAME", "localhost",
		"REDIRECT_STATUS", "200", "HTTP_HOST", "localhost:8080", "HTTP_USER_AGENT", "bench/1.0", "HTTP_ACCEPT", "*/*",
		"HTTP_ACCEPT_ENCODING", "gzip, deflate", "HTTP_COOKIE", "a=b; c=d")
	return bytesOf(beginAs(id, record.Responder, flags), params(id, p), params(id, ""), stdin(id, ""))
}

// readResponse reads up to END_REQUEST of a small response.
func readResponse(t testing.TB, c io.Reader, buf []byte) {
	const endLen = 2 * record.HeaderLen
	for n := 0; n < endLen || buf[n-endLen+1] != byte(record.EndRequest); {
		m, err := c.Read(buf[n:])
		if err != nil {
			require.NoError(t, err)
		}
		n += m
	}
}

func hello(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "Hello, World!")
}

// servers are what is measured side by side. Each serves until l is closed.
var servers = []struct {
	name  string
	serve func(l net.Listener)
}{
	{"postern", func(l net.Listener) { (&fastcgi.Server{Handler: http.HandlerFunc(hello)}).Serve(l) }},
	{"net-http-fcgi", func(l net.Listener) { fcgi.Serve(l, http.HandlerFunc(hello)) }},
}

// benchmark runs one measurement of each server on a unix socket.
func benchmark(b *testing.B, measure func(b *testing.B, dial func() net.Conn)) {
	for _, s := range servers {
		b.Run(s.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "s")
			l, err := net.Listen("unix", path)
			require.NoError(b, err)
			done := make(chan struct{})
			go func() {
				defer close(done)
				s.serve(l)
			}()
			b.Cleanup(func() {
				l.Close()
				<-done
			})
			b.ReportAllocs()
			measure(b, func() net.Conn {
				c, err := net.Dial("unix", path)
				require.NoError(b, err)
				return c
			})
		})
	}
}

// BenchmarkSmallKept is a small request on a connection that is kept.
func BenchmarkSmallKept(b *testing.B) {
	benchmark(b, func(b *testing.B, dial func() net.Conn) {
		c := dial()
		defer c.Close()
		request, buf := smallRequest(1, record.KeepConn), make([]byte, 4096)
		for b.Loop() {
			c.Write(request)
			readResponse(b, c, buf)
		}
	})
}

// BenchmarkSmallNew is a small request on a connection of its own.
func BenchmarkSmallNew(b *testing.B) {
	benchmark(b, func(b *testing.B, dial func() net.Conn) {
		request, buf := smallRequest(1, 0), make([]byte, 4096)
		for b.Loop() {
			c := dial()
			c.Write(request)
			readResponse(b, c, buf)
			c.Close()
		}
	})
}

// BenchmarkBlockingHandlers has handlers that sleep for half a millisecond, for
// 64 clients at a time, each on a new connection. The metric x-of-plain is the
// time it takes as a multiple of that of a server that starts a goroutine for
// every connection before anything else, as ours does where it must show each
// net.Conn: it should be 1.2 at most.
func BenchmarkBlockingHandlers(b *testing.B) {
	request := smallRequest(1, 0)
	for _, row := range []struct {
		name  string
		every int64 // of how many handlers one sleeps
	}{{"all", 1}, {"one-in-20", 20}, {"one-in-100", 100}} {
		b.Run(row.name, func(b *testing.B) {
			var served atomic.Int64
			handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if served.Add(1)%row.every == 0 {
					time.Sleep(500 * time.Microsecond)
				}
				hello(w, r)
			})
			each := func(ctx context.Context, _ net.Conn) context.Context { return ctx }
			var ours, plain time.Duration
			for b.Loop() {
				for range 8 { // in turns, so that a busy machine is busy for both
					ours += askTogether(b, &fastcgi.Server{Handler: handler}, request)
					plain += askTogether(b, &fastcgi.Server{Handler: handler, ConnContext: each}, request)
				}
			}
			b.ReportMetric(float64(ours)/float64(plain), "x-of-plain")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// askTogether returns how long 64 clients take to ask s 32 times each.
func askTogether(b *testing.B, s *fastcgi.Server, request []byte) time.Duration {
	path := filepath.Join(b.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(b, err)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	start := time.Now()
	var clients sync.WaitGroup
	for range 64 {
		clients.Go(func() {
			buf := make([]byte, 4096)
			for range 32 {
				c, err := net.Dial("unix", path)
				if err != nil {
					b.Error(err)
					return
				}
				c.Write(request)
				readResponse(b, c, buf)
				c.Close()
			}
		})
	}
	clients.Wait()
	took := time.Since(start)
	require.NoError(b, s.Close())
	require.ErrorIs(b, <-done, fastcgi.ErrServerClosed)
	return took
}

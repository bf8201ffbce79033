package fastcgi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/fcgi"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// goWorker starts net/http's own FastCGI worker on a unix socket and returns the way to it.
func goWorker(t *testing.T, h http.HandlerFunc) *fastcgi.Transport {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- fcgi.Serve(l, h) }()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return &fastcgi.Transport{Network: "unix", Address: path}
}

// A lockedLog is a log and whatever else is written from several goroutines.
type lockedLog struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *lockedLog) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func clientRequest(method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, target, body)
	r.Host, r.RemoteAddr = "example.com:8080", "192.0.2.7:1234"
	return r
}

func TestTransport(t *testing.T) {
	tr := goWorker(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		w.Header().Set("X-Cookie", r.Header.Get("Cookie"))
		w.Header().Add("X-Two", "b")
		w.Header().Add("X-Two", "a")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %s %d %v", r.Method, r.URL.RequestURI(), r.Host, r.RemoteAddr, len(body), err)
	})
	for _, row := range []struct {
		why, method, target string
		body                io.Reader
		want                string
	}{
		{"a GET", "GET", "/a%2Fb/c?d=e%20f", nil, "GET /a%2Fb/c?d=e%20f example.com:8080 192.0.2.7:1234 0 <nil>"},
		{"a small body", "POST", "/", strings.NewReader("hello"), "POST / example.com:8080 192.0.2.7:1234 5 <nil>"},
		{"a body of many records", "PUT", "/", strings.NewReader(strings.Repeat("x", 1<<20)), "PUT / example.com:8080 192.0.2.7:1234 1048576 <nil>"},
		{"a body of unknown length", "POST", "/", io.MultiReader(strings.NewReader("hello")), "POST / example.com:8080 192.0.2.7:1234 5 <nil>"},
	} {
		r := clientRequest(row.method, row.target, row.body)
		r.Header.Set("Cookie", "a=b; c=d")
		resp, err := tr.RoundTrip(r)
		require.NoError(t, err, row.why)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err, row.why)
		require.NoError(t, resp.Body.Close(), row.why)
		require.Equal(t, row.want, string(body), row.why)
		require.Equal(t, "418 I'm a teapot", resp.Status, row.why)
		require.Equal(t, "a=b; c=d", resp.Header.Get("X-Cookie"), row.why)
		require.Equal(t, []string{"b", "a"}, resp.Header["X-Two"], row.why)
	}
}

func TestTransportVariables(t *testing.T) {
	tr := goWorker(t, func(w http.ResponseWriter, r *http.Request) {
		for name, value := range fcgi.ProcessEnv(r) {
			w.Header().Set("X-"+name, value)
		}
		w.Header().Set("X-Uri", r.URL.RequestURI())
	})
	tr.Root, tr.Mount = "/srv/www", "/app.php"
	r := clientRequest("GET", "/app.php/x", nil)
	r.Header.Set("Proxy", "http://evil")
	resp, err := tr.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "/srv/www", resp.Header.Get("X-Document_root"))
	require.Equal(t, "/srv/www/app.php", resp.Header.Get("X-Script_filename"))
	require.Equal(t, "/app.php/x", resp.Header.Get("X-Uri"))
	require.Equal(t, "CGI/1.1", resp.Header.Get("X-Gateway_interface"))
	require.Empty(t, resp.Header.Get("X-Http_proxy"))

	_, err = tr.RoundTrip(clientRequest("GET", "/other", nil))
	require.EqualError(t, err, `fastcgi: path outside the mount point "/app.php": "/other"`)
}

func TestTransportLargeVariables(t *testing.T) {
	tr := goWorker(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, len(r.Header.Get("X-Large")), len(r.Header.Get("X-Other")))
	})
	for _, n := range []int{65_000, 65_528, 65_529, 200_000} {
		r := clientRequest("GET", "/", nil)
		r.Header.Set("X-Large", strings.Repeat("x", n))
		r.Header.Set("X-Other", strings.Repeat("y", 1000))
		resp, err := tr.RoundTrip(r)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(n, 1000), string(body), "a variable of %d bytes", n)
	}
}

func TestTransportIsFullDuplex(t *testing.T) {
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		buf := make([]byte, 1)
		for {
			if _, err := io.ReadFull(r.Body, buf); err != nil {
				return
			}
			w.Write(buf)
			w.(http.Flusher).Flush()
		}
	})})
	in, out := io.Pipe()
	tr := &fastcgi.Transport{Network: "unix", Address: path, Unbuffered: true}
	resp, err := tr.RoundTrip(clientRequest("POST", "/", in))
	require.NoError(t, err, "the plainHead comes before the body is sent")
	for _, c := range []byte("hello") {
		_, err := out.Write([]byte{c})
		require.NoError(t, err)
		got := make([]byte, 1)
		_, err = io.ReadFull(resp.Body, got)
		require.NoError(t, err)
		require.Equal(t, c, got[0], "each byte comes back before the next is sent")
	}
	require.NoError(t, out.Close())
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, rest)
}

func TestTransportBigBothWays(t *testing.T) {
	tr := goWorker(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	sent := strings.Repeat("0123456789abcdef", 1<<18)
	resp, err := tr.RoundTrip(clientRequest("POST", "/", strings.NewReader(sent)))
	require.NoError(t, err)
	got, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.True(t, string(got) == sent, "4 MiB come back as they went")
}

func TestTransportContext(t *testing.T) {
	ended := make(chan struct{})
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})})
	ctx, cancel := context.WithCancelCause(t.Context())
	tr := &fastcgi.Transport{Network: "unix", Address: path}
	resp, err := tr.RoundTrip(clientRequest("GET", "/", nil).WithContext(ctx))
	require.NoError(t, err)
	why := errors.New("enough")
	cancel(why)
	<-ended
	_, err = io.ReadAll(resp.Body)
	require.ErrorIs(t, err, why, "the read says why")

	_, err = tr.RoundTrip(clientRequest("GET", "/", nil).WithContext(ctx))
	require.Error(t, err, "a request whose context has ended")
}

func TestTransportCloseEndsTheWorker(t *testing.T) {
	ended := make(chan struct{})
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})})
	body, feed := io.Pipe()
	resp, err := (&fastcgi.Transport{Network: "unix", Address: path, Unbuffered: true}).RoundTrip(clientRequest("POST", "/", body))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	<-ended
	_, err = feed.Write([]byte("x"))
	require.ErrorIs(t, err, io.ErrClosedPipe, "the request body is closed")
}

func TestTransportRequestBodyFails(t *testing.T) {
	seen := make(chan error, 1)
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		seen <- err
	})})
	tr := &fastcgi.Transport{Network: "unix", Address: path, Unbuffered: true}
	broken := errors.New("client is gone")
	body, feed := io.Pipe()
	go feed.CloseWithError(broken)
	_, err := tr.RoundTrip(clientRequest("POST", "/", body))
	require.ErrorIs(t, err, broken)
	require.Error(t, <-seen, "the worker does not take a part for the whole")

	r := clientRequest("POST", "/", strings.NewReader("short"))
	r.ContentLength = 6
	_, err = tr.RoundTrip(r)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "a body shorter than it says")
	require.Error(t, <-seen)
}

func TestTransportPassesBreakingOff(t *testing.T) {
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half of it")
		w.(http.Flusher).Flush()
		panic("probe")
	})})
	var log, stderr lockedLog
	tr := &fastcgi.Transport{Network: "unix", Address: path, ErrorLog: log.logger(), Stderr: &stderr}
	resp, err := tr.RoundTrip(clientRequest("GET", "/", nil))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.ErrorContains(t, err, "fastcgi: record of version 0")
	require.Equal(t, "half of it", string(body))
	require.Contains(t, stderr.String(), "probe", "the worker's stack trace came as FCGI_STDERR")

	front := httptest.NewServer(tr)
	defer front.Close()
	resp, err = http.Get(front.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	_, err = io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the client can tell")
	require.Contains(t, log.String(), "fastcgi: record of version 0")
}

func TestTransportKeepsVariablesOfTheFront(t *testing.T) {
	inner := goWorker(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, fcgi.ProcessEnv(r)["SECRET"], " ", r.URL.Path)
	})
	outer := &fastcgi.Transport{Network: "unix", Address: serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gateway.Vars(r).Set("SECRET", "42")
		inner.ServeHTTP(w, r)
	})})}
	resp, err := outer.RoundTrip(clientRequest("GET", "/x", nil))
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "42 /x", string(body), "through two gates")
}

func TestTransportServeHTTP(t *testing.T) {
	var log lockedLog
	tr := goWorker(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/app/nothing" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		fmt.Fprint(w, "hello")
	})
	tr.Mount, tr.ErrorLog = "/app", log.logger()
	dead := &fastcgi.Transport{Network: "unix", Address: filepath.Join(t.TempDir(), "none"), ErrorLog: log.logger()}
	late := &fastcgi.Transport{ErrorLog: log.logger(), Dial: func(ctx context.Context) (net.Conn, error) {
		return nil, context.DeadlineExceeded
	}}
	for _, row := range []struct {
		why    string
		h      http.Handler
		method string
		path   string
		status int
		body   string
	}{
		{"a response", tr, "GET", "/app/x", 200, "hello"},
		{"HEAD", tr, "HEAD", "/app/x", 200, ""},
		{"no content", tr, "GET", "/app/nothing", 204, ""},
		{"a path outside the mount point", tr, "GET", "/x", 404, "404 Not Found\n"},
		{"no worker", dead, "GET", "/", 502, "502 Bad Gateway\n"},
		{"no time", late, "GET", "/", 504, "504 Gateway Timeout\n"},
	} {
		w := httptest.NewRecorder()
		row.h.ServeHTTP(w, clientRequest(row.method, row.path, nil))
		require.Equal(t, row.status, w.Code, row.why)
		require.Equal(t, row.body, w.Body.String(), row.why)
	}
	require.Contains(t, log.String(), "fastcgi: dial unix")
}

func TestTransportAnswersBeforeTheBodyIsSent(t *testing.T) {
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
	})})
	front := httptest.NewServer(&fastcgi.Transport{Network: "unix", Address: path})
	defer front.Close()
	body, feed := io.Pipe()
	defer feed.Close()
	r, err := http.NewRequest("POST", front.URL, body)
	require.NoError(t, err)
	r.ContentLength = 1 << 20
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode, "nobody waits for a client that still sends")
}

func TestTransportStreams(t *testing.T) {
	next := make(chan string)
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for event := range next {
			io.WriteString(w, event)
			w.(http.Flusher).Flush()
		}
	})})
	front := httptest.NewServer(&fastcgi.Transport{Network: "unix", Address: path})
	defer front.Close()
	go func() { next <- "data: 1\n\n" }()
	resp, err := http.Get(front.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	got := make([]byte, 9)
	for _, event := range []string{"data: 1\n\n", "data: 2\n\n"} {
		_, err = io.ReadFull(resp.Body, got)
		require.NoError(t, err)
		require.Equal(t, event, string(got), "an event arrives before the next is made")
		if event == "data: 1\n\n" {
			next <- "data: 2\n\n"
		}
	}
	close(next)
	rest, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Empty(t, rest)
}

func TestTransportDeadline(t *testing.T) {
	path := serve(t, &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() })})
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	var log lockedLog
	w := httptest.NewRecorder()
	(&fastcgi.Transport{Network: "unix", Address: path, ErrorLog: log.logger()}).ServeHTTP(w, clientRequest("GET", "/", nil).WithContext(ctx))
	require.Equal(t, http.StatusGatewayTimeout, w.Code)
	require.Regexp(t, "deadline exceeded|i/o timeout", log.String(), "after the dial, or in it")
}

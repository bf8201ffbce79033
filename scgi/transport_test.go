package scgi_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/netstring"
	"github.com/postern-go/postern/scgi"
	"github.com/stretchr/testify/require"
)

// service starts a Server and returns a way to it.
func service(t *testing.T, network string, h http.HandlerFunc) *scgi.Transport {
	t.Helper()
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, addr)
	require.NoError(t, err)
	s := &scgi.Server{Handler: h, ErrorLog: slog.New(slog.DiscardHandler)}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return &scgi.Transport{Network: network, Address: l.Addr().String()}
}

// scripted returns a way to a service that reads the whole request, passes it on, answers, and ends as told.
func scripted(t *testing.T, answer string, reset bool) (*scgi.Transport, chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	got := make(chan string, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			request, err := readRequest(c)
			if err == nil {
				got <- request
				io.WriteString(c, answer)
			}
			if reset {
				c.(*net.TCPConn).SetLinger(0)
			}
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-done
	})
	return &scgi.Transport{Address: l.Addr().String()}, got
}

// readRequest reads a netstring and the body that its first header announces.
func readRequest(r io.Reader) (string, error) {
	var b []byte
	for {
		part := make([]byte, 1)
		if _, err := io.ReadFull(r, part); err != nil {
			return "", err
		}
		b = append(b, part...)
		n, used, err := netstring.ParseLen(b, 1<<20)
		if err != nil {
			return "", err
		}
		if used == 0 {
			continue
		}
		block := make([]byte, n+1)
		if _, err := io.ReadFull(r, block); err != nil {
			return "", err
		}
		name, value, _, err := netstring.ParsePair(block)
		if err != nil || string(name) != "CONTENT_LENGTH" || block[n] != ',' {
			return "", errors.New("not an SCGI request")
		}
		var length int
		if _, err := fmt.Sscanf(string(value), "%d", &length); err != nil {
			return "", err
		}
		body := make([]byte, length)
		_, err = io.ReadFull(r, body)
		return string(block) + string(body), err
	}
}

func transportRequest(method, target string, body io.Reader) *http.Request {
	r := httptest.NewRequest(method, target, body)
	r.Host, r.RemoteAddr = "example.com:8080", "192.0.2.7:1234"
	return r
}

func readBody(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}

// aLog is a log that is written from several goroutines.
type aLog struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *aLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *aLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestTransport(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		tr := service(t, network, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			w.Header().Set("X-Cookie", r.Header.Get("Cookie"))
			w.WriteHeader(http.StatusTeapot)
			fmt.Fprintf(w, "%s %s %s %s %d %d %v", r.Method, r.RequestURI, r.Host, r.RemoteAddr, r.ContentLength, len(body), err)
		})
		for _, row := range []struct {
			why, method, target string
			body                io.Reader
			want                string
		}{
			{"a GET", "GET", "/a%2Fb?d=e%20f", nil, "GET /a%2Fb?d=e%20f example.com:8080 192.0.2.7:1234 0 0 <nil>"},
			{"a small body", "POST", "/", strings.NewReader("hello"), "POST / example.com:8080 192.0.2.7:1234 5 5 <nil>"},
			{"a large body", "POST", "/", strings.NewReader(strings.Repeat("x", 1<<20)), "POST / example.com:8080 192.0.2.7:1234 1048576 1048576 <nil>"},
			{"a body of unknown length is measured", "POST", "/", io.MultiReader(strings.NewReader("hello")), "POST / example.com:8080 192.0.2.7:1234 5 5 <nil>"},
			{"a large one", "POST", "/", io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<20))), "POST / example.com:8080 192.0.2.7:1234 1048576 1048576 <nil>"},
			{"an empty one", "POST", "/", io.MultiReader(), "POST / example.com:8080 192.0.2.7:1234 0 0 <nil>"},
		} {
			r := transportRequest(row.method, row.target, row.body)
			r.Header.Set("Cookie", "a=b; c=d")
			resp, err := tr.RoundTrip(r)
			require.NoError(t, err, "%s over %s", row.why, network)
			require.Equal(t, row.want, readBody(t, resp), "%s over %s", row.why, network)
			require.Equal(t, "418 I'm a teapot", resp.Status, row.why)
			require.Equal(t, "a=b; c=d", resp.Header.Get("X-Cookie"), row.why)
		}
	}
}

func TestTransportSends(t *testing.T) {
	tr, got := scripted(t, "Status: 200 OK\r\n\r\n", false)
	tr.Mount, tr.Root = "/app", "/srv"
	r := transportRequest("POST", "/app/x?y=z", strings.NewReader("hello"))
	r.Header.Set("SCGI", "2")
	resp, err := tr.RoundTrip(r)
	require.NoError(t, err)
	require.Empty(t, readBody(t, resp))
	request := <-got
	require.True(t, strings.HasPrefix(request, "CONTENT_LENGTH\x005\x00SCGI\x001\x00"), "the two headers that SCGI asks for come first")
	require.True(t, strings.HasSuffix(request, ",hello"), "the body follows the netstring")
	for _, header := range []string{
		"REQUEST_METHOD\x00POST", "SCRIPT_NAME\x00/app", "PATH_INFO\x00/x", "QUERY_STRING\x00y=z", "REQUEST_URI\x00/app/x?y=z",
		"DOCUMENT_ROOT\x00/srv", "SCRIPT_FILENAME\x00/srv/app", "HTTP_SCGI\x002",
	} {
		require.Contains(t, request, "\x00"+header+"\x00")
	}
	require.Equal(t, 1, strings.Count(request, "\x00CONTENT_LENGTH\x00")+strings.Count(request, "CONTENT_LENGTH\x005\x00"), "no name twice")
}

func TestTransportReads(t *testing.T) {
	for _, row := range []struct {
		why, answer string
		reset       bool
		body        string
		err         string
	}{
		{"the close ends it", "Content-Type: a/b\n\nhello", false, "hello", ""},
		{"a length that holds", "Content-Length: 5\n\nhello", false, "hello", ""},
		{"a length that does not", "Content-Length: 6\n\nhello", false, "hello", "scgi: unexpected EOF"},
		{"a status line", "HTTP/1.0 200 OK\r\n\r\nhello", false, "hello", ""},
		{"nothing", "", false, "", "scgi: empty response"},
		{"half a head", "Status: 200", false, "", "ends in its head"},
		{"no head", "hello\n\n", false, "", "scgi: malformed response"},
		{"a reset instead of an answer", "", true, "", "connection reset"},
	} {
		tr, _ := scripted(t, row.answer, row.reset)
		resp, err := tr.RoundTrip(transportRequest("GET", "/", nil))
		if err == nil {
			var body []byte
			body, err = io.ReadAll(resp.Body)
			require.Equal(t, row.body, string(body), row.why)
		}
		if row.err == "" {
			require.NoError(t, err, row.why)
			continue
		}
		require.ErrorContains(t, err, row.err, row.why)
	}
}

func TestTransportReset(t *testing.T) {
	tr := service(t, "tcp", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "half of it")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	resp, err := tr.RoundTrip(transportRequest("GET", "/", nil))
	if err == nil {
		_, err = io.ReadAll(resp.Body)
	}
	require.Error(t, err, "a service that breaks off is not taken for one that has ended, wherever the reset overtakes")
}

func TestTransportSpoolLimit(t *testing.T) {
	tr := service(t, "unix", func(w http.ResponseWriter, r *http.Request) { t.Error("over the limit, the service is not asked") })
	tr.SpoolLimit = 10
	log := new(aLog)
	tr.ErrorLog = slog.New(slog.NewTextHandler(log, nil))
	w := httptest.NewRecorder()
	tr.ServeHTTP(w, transportRequest("POST", "/", io.MultiReader(strings.NewReader("hello world"))))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, log.String(), "scgi: request body: request body over the limit")
}

func TestTransportCancel(t *testing.T) {
	ended := make(chan struct{})
	tr := service(t, "unix", func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(ended)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	resp, err := tr.RoundTrip(transportRequest("GET", "/", nil).WithContext(ctx))
	require.NoError(t, err)
	why := errors.New("enough")
	cancel(why)
	<-ended
	_, err = io.ReadAll(resp.Body)
	require.ErrorIs(t, err, why)
}

func TestTransportBigBothWays(t *testing.T) {
	tr := service(t, "unix", func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	sent := strings.Repeat("0123456789abcdef", 1<<18)
	resp, err := tr.RoundTrip(transportRequest("POST", "/", strings.NewReader(sent)))
	require.NoError(t, err)
	require.True(t, readBody(t, resp) == sent, "4 MiB come back as they went")
}

func TestTransportServeHTTP(t *testing.T) {
	tr := service(t, "unix", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, gateway.Vars(r).Get("SCRIPT_NAME"), " ", gateway.Vars(r).Get("PATH_INFO"))
	})
	log := new(aLog)
	tr.Mount = "/app"
	tr.ErrorLog = slog.New(slog.NewTextHandler(log, nil))
	dead := &scgi.Transport{Network: "unix", Address: filepath.Join(t.TempDir(), "none"), ErrorLog: tr.ErrorLog}
	for _, row := range []struct {
		why    string
		h      http.Handler
		path   string
		status int
		body   string
	}{
		{"a response", tr, "/app/x", 200, "/app /x"},
		{"a path outside the mount point", tr, "/x", 404, "404 Not Found\n"},
		{"no service", dead, "/", 502, "502 Bad Gateway\n"},
	} {
		w := httptest.NewRecorder()
		row.h.ServeHTTP(w, transportRequest("GET", row.path, nil))
		require.Equal(t, row.status, w.Code, row.why)
		require.Equal(t, row.body, w.Body.String(), row.why)
	}
	require.Contains(t, log.String(), "scgi: dial unix")
}

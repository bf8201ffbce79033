package validate_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/postern-go/postern/cgi"
	fcgi "github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/origin"
	"github.com/postern-go/postern/scgi"
	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// ends are the ways from one handler to the next. Each is a back end and the front end that it reaches; "" is a call.
var ends = []string{"", "origin", "FastCGI", "SCGI", "CGI"}

// asProgram in the environment makes this test binary a CGI program: "from to address".
const asProgram = "POSTERN_VALIDATE_PROGRAM"

// program answers one CGI request under the checker, which writes to standard error.
func program(spec string) error {
	end, address, _ := strings.Cut(spec, " ")
	return cgi.Serve(atTheStrictest(backEnd(end, address), func(f validate.Finding) { fmt.Fprintln(os.Stderr, f) }))
}

// atTheStrictest is h under the checker. One thing is true of httputil.ReverseProxy: it passes on the 100 of the server behind it.
func atTheStrictest(h http.Handler, report func(validate.Finding)) http.Handler {
	return validate.Handler(h, validate.Options{Level: validate.Strict, Report: report, Ignore: []string{"informational-not-carried"}})
}

// backEnd is the handler that reaches the front end at the address.
func backEnd(end, address string) http.Handler {
	switch end {
	case "origin":
		return httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	case "FastCGI":
		return &fcgi.Transport{Network: "unix", Address: address}
	case "SCGI":
		return &scgi.Transport{Network: "unix", Address: address}
	case "CGI":
		return newScript("")
	}
	return http.HandlerFunc(faultless)
}

// newScript runs this test binary, and keeps Authorization since nobody has used it.
func newScript(spec string) *cgi.Script {
	path, err := os.Executable()
	if err != nil {
		panic(err)
	}
	return &cgi.Script{Path: path, Env: []string{asProgram + "=" + spec, "GORACE=atexit_sleep_ms=0"}, Authorization: true}
}

// A chain collects what the checkers in it find, and what its servers log.
type chain struct {
	notebook
	log     lockedLog
	pending sync.WaitGroup // handlers under way
}

// track returns a handler whose calls are counted as under way.
func (c *chain) track(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.pending.Add(1)
		defer c.pending.Done()
		h.ServeHTTP(w, r)
	})
}

// check returns h under the checker.
func (c *chain) check(h http.Handler) http.Handler { return c.track(atTheStrictest(h, c.report)) }

type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (c *chain) logger() *slog.Logger { return slog.New(slog.NewTextHandler(&c.log, nil)) }

type closer interface {
	Serve(net.Listener) error
	Close() error
}

// listen starts a server and returns its address.
func listen(t *testing.T, s closer, network string) string {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-done, http.ErrServerClosed)
	})
	return l.Addr().String()
}

// frontEnd starts the front end of an end around h, under the checker, and returns its address.
func (c *chain) frontEnd(t *testing.T, end string, h http.Handler) string {
	h = c.check(h)
	switch end {
	case "origin":
		return listen(t, &origin.Server{Handler: h, ErrorLog: c.logger()}, "tcp")
	case "FastCGI":
		return listen(t, &fcgi.Server{Handler: h, ErrorLog: c.logger()}, "unix")
	case "SCGI":
		return listen(t, &scgi.Server{Handler: h, ErrorLog: c.logger()}, "unix")
	}
	return ""
}

// start builds client → front end → back end → front end → handler, and returns the address for the client. What speaks no HTTP is
// reached through its own back end in net/http.Server.
func (c *chain) start(t *testing.T, front, back string) string {
	address := c.frontEnd(t, back, http.HandlerFunc(faultless))
	switch front {
	case "origin":
		return c.frontEnd(t, front, backEnd(back, address))
	case "":
		return listen(t, &http.Server{Handler: c.check(backEnd(back, address))}, "tcp")
	case "CGI":
		s := newScript(back + " " + address)
		s.ErrorLog = c.logger()
		return listen(t, &http.Server{Handler: c.track(s)}, "tcp")
	}
	return listen(t, &http.Server{Handler: backEnd(front, c.frontEnd(t, front, backEnd(back, address)))}, "tcp")
}

// exchanges are requests without a fault.
var exchanges = []struct{ why, request string }{
	{"a GET", "GET / HTTP/1.1\r\nHost: h.test\r\n\r\n"},
	{"its head", "HEAD / HTTP/1.1\r\nHost: h.test\r\n\r\n"},
	{"a path with escapes and a query", "GET /a%20b/%C3%A4/c%2Fd?e=f%20g&h HTTP/1.1\r\nHost: h.test\r\n\r\n"},
	{"absolute-form", "GET http://h.test/a HTTP/1.1\r\nHost: h.test\r\n\r\n"},
	{"an old client", "GET / HTTP/1.0\r\nHost: h.test\r\n\r\n"},
	{"an IPv6 host", "GET / HTTP/1.1\r\nHost: [2001:db8::1]:8080\r\n\r\n"},
	{"fields of browsers", "GET / HTTP/1.1\r\nHost: h.test\r\nUser-Agent: a\r\nAccept: a/b\r\nAccept-Encoding: gzip\r\nReferer: http://h.test/\r\n" +
		"Cookie: a=b\r\nAuthorization: Basic YTpi\r\nRange: bytes=0-1\r\nIf-None-Match: \"a\"\r\nTE: trailers\r\nConnection: TE\r\n\r\n"},
	{"repeated fields", "GET / HTTP/1.1\r\nHost: h.test\r\nAccept: a/b\r\nAccept: c/d\r\nX-A: 1\r\nX-A: 2\r\n\r\n"},
	{"a body", "POST / HTTP/1.1\r\nHost: h.test\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"},
	{"an empty body", "POST / HTTP/1.1\r\nHost: h.test\r\nContent-Length: 0\r\n\r\n"},
	{"a body from an old client", "POST / HTTP/1.0\r\nHost: h.test\r\nContent-Length: 5\r\n\r\nhello"},
	{"a body in chunks", "POST / HTTP/1.1\r\nHost: h.test\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"an empty body in chunks", "POST / HTTP/1.1\r\nHost: h.test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{"a large body in chunks", "PUT /a HTTP/1.1\r\nHost: h.test\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("4000\r\n"+strings.Repeat("a", 0x4000)+"\r\n", 16) + "0\r\n\r\n"},
	{"a body that is waited for", "POST / HTTP/1.1\r\nHost: h.test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"},
	{"a method of WebDAV", "PROPFIND /a/ HTTP/1.1\r\nHost: h.test\r\nDepth: 1\r\nContent-Type: application/xml\r\nContent-Length: 4\r\n\r\n<a/>"},
	{"OPTIONS", "OPTIONS /a HTTP/1.1\r\nHost: h.test\r\nOrigin: http://h.test\r\n\r\n"},
	{"DELETE", "DELETE /a HTTP/1.1\r\nHost: h.test\r\n\r\n"},
}

// TestEveryFrontAndBack joins every front end to every back end, with a checker at the strictest level in front of each handler: no
// server of this module, and no back end, breaks a rule.
func TestEveryFrontAndBack(t *testing.T) {
	for _, front := range ends {
		for _, back := range ends {
			t.Run(front+" to "+back, func(t *testing.T) {
				t.Parallel()
				for _, x := range exchanges {
					var c chain
					t.Run(x.why, func(t *testing.T) {
						address := c.start(t, front, back)
						answer := exchangeBytes(t, address, x.request)
						require.Contains(t, answer, " 200 OK\r\n")
						c.pending.Wait()
					})
					require.Empty(t, c.list(), x.why)
					require.Empty(t, c.log.String(), x.why)
				}
			})
		}
	}
}

// exchangeBytes sends a request and reads to the end of the connection.
func exchangeBytes(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, strings.Replace(request, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1))
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

// The place of what a program does wrong is the path: no line of its back end says which program it was.
func TestPlaceOfBackEnds(t *testing.T) {
	var c chain
	wrong := answer(http.StatusOK, "Content-Type: text/plain")
	other := httptest.NewServer(wrong)
	defer other.Close()
	u, err := url.Parse(other.URL)
	require.NoError(t, err)
	for end, back := range map[string]http.Handler{
		"FastCGI": backEnd("FastCGI", listen(t, &fcgi.Server{Handler: wrong, ErrorLog: c.logger()}, "unix")),
		"SCGI":    backEnd("SCGI", listen(t, &scgi.Server{Handler: wrong, ErrorLog: c.logger()}, "unix")),
		"HTTP":    httputil.NewSingleHostReverseProxy(u),
	} {
		var n notebook
		h := atTheStrictest(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { back.ServeHTTP(w, r) }), n.report)
		for _, path := range []string{"/a", "/b", "/a"} {
			h.ServeHTTP(httptest.NewRecorder(), request("GET", path, ""))
		}
		var places []string
		for _, f := range n.list() {
			places = append(places, f.Place+" "+f.Rule.ID)
		}
		require.Equal(t, []string{"GET /a content-type-charset-missing", "GET /b content-type-charset-missing"}, places, end)
	}
}

// Middleware of this module is not the place of what the handler behind it does.
func TestPlaceBehindMiddleware(t *testing.T) {
	var n notebook
	files := gateway.StripMount(http.FileServerFS(fstest.MapFS{"a/b": {}}))
	validate.Handler(files, n.strict()).ServeHTTP(httptest.NewRecorder(), request("GET", "/a", ""))
	require.Len(t, n.list(), 1)
	require.Regexp(t, `^http/fs\.go:\d+$`, n.list()[0].Place)
}

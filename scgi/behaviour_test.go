package scgi

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/behaviour"
	"github.com/stretchr/testify/require"
)

func TestBehaviour(t *testing.T) {
	behaviour.Test(t, behaviour.Gate{Name: "scgi", Serve: serveOne}, deviations...)
}

// deviations are of the protocol and of the unix socket that the test goes through.
var deviations = []behaviour.Deviation{
	{Row: "panic after Flush", Why: "a unix socket has no reset, and the response no length", Want: `
200 OK
Content-Type: text/plain; charset=utf-8
body "partial"
`},
	{Row: "http.ErrAbortHandler after Flush", Why: "a unix socket has no reset, and the response no length", Want: `
200 OK
Content-Type: text/plain; charset=utf-8
body "partial"
`},
	{Row: "chunked body", Why: "SCGI announces the length of every body, so that web servers read it first", Want: `
200 OK
Content-Length: 0
> length 11, "hello world"
> read all: ok
`},
	{Row: "request with chunks", Why: "SCGI announces the length of every body, so that web servers read it first", Want: `
200 OK
Content-Length: 0
> POST /form HTTP/1.1 1.1
> path "/form" raw "" query "" force false host ""
> host "h.test" length 1 coding [] close false
> Content-Length ["1"]
`},
	{Row: "body missing", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
`},
	{Row: "body too long", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
> 0 bytes
> write: http: wrote more than the declared Content-Length
`},
	{Row: "body too short", Why: "nothing of it had to leave yet, and the web server says so", Want: `
no response
broken off
> 5 bytes
> write: ok
`},
}

// serveOne is the way through a web server and a unix socket.
func serveOne(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
	var logged behaviour.Log
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	s := &Server{Handler: h, ErrorLog: slog.New(slog.NewTextHandler(&logged, nil))}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	defer func() {
		s.Close()
		require.ErrorIs(t, <-done, ErrServerClosed)
	}()
	a := ask(t, l.Addr(), c)
	a.Log = logged.String()
	return a
}

// ask is the web server.
func ask(t testing.TB, addr net.Addr, c behaviour.Client) behaviour.Answer {
	conn, err := net.Dial(addr.Network(), addr.String())
	require.NoError(t, err)
	var sending sync.WaitGroup
	defer sending.Wait()
	defer conn.Close()
	wire := requestOf(t, c)
	sending.Go(func() {
		io.WriteString(conn, wire)
		if c.Cut {
			conn.(*net.UnixConn).CloseWrite()
		}
	})
	if c.Leave != nil {
		<-c.Leave
		return behaviour.Answer{}
	}
	a, err := behaviour.ReadCGI(bufio.NewReader(conn))
	require.NoError(t, err)
	a.Broken = a.Status == "" || short(a)
	return a
}

// requestOf is what a web server sends that reads the whole body first, as all of them do when they do not know its length.
func requestOf(t testing.TB, c behaviour.Client) string {
	v, body := behaviour.Variables(t, c)
	length := v.Get("CONTENT_LENGTH")
	if length == "" {
		length = strconv.Itoa(len(body))
	}
	v.Del("CONTENT_LENGTH")
	pairs := []string{"CONTENT_LENGTH", length, "SCGI", "1"}
	for name, value := range v.Pairs() {
		pairs = append(pairs, name, value)
	}
	return wrap(block(pairs...)) + body
}

// short reports that a body is shorter than its length, as web servers find out, too.
func short(a behaviour.Answer) bool {
	for _, f := range a.Fields {
		if f.Name == "Content-Length" {
			n, err := strconv.Atoi(f.Value)
			return err != nil || len(a.Body) < n && a.Body != ""
		}
	}
	return false
}

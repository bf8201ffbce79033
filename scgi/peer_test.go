package scgi

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/postern-go/postern/internal/netstring"
	"github.com/stretchr/testify/require"
)

// A gate is a server under test and the way to it.
type gate struct {
	*Server
	t    testing.TB
	dial func() (net.Conn, error)
	log  logBuffer
}

// sockets are the networks that behaviour is tested over.
var sockets = []string{"tcp", "unix"}

// open serves h over a network: tcp, unix, or memory, for synctest.
func open(t testing.TB, network string, s *Server) *gate {
	g := &gate{Server: s, t: t}
	s.ErrorLog = slog.New(slog.NewTextHandler(&g.log, &slog.HandlerOptions{ReplaceAttr: dropTime}))
	l := g.listen(network)
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		require.ErrorIs(t, <-done, ErrServerClosed)
	})
	return g
}

func (g *gate) listen(network string) net.Listener {
	if network == "memory" {
		m := memconn.Listen()
		g.dial = func() (net.Conn, error) { return m.Dial() }
		return m
	}
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(g.t.TempDir(), "s")
	}
	l, err := net.Listen(network, addr)
	require.NoError(g.t, err)
	g.dial = func() (net.Conn, error) { return net.Dial(network, l.Addr().String()) }
	return l
}

func dropTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "peer" {
		return slog.Attr{}
	}
	return a
}

type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A peer is a scripted web server.
type peer struct {
	net.Conn
	t testing.TB
}

func (g *gate) peer() *peer {
	c, err := g.dial()
	require.NoError(g.t, err)
	g.t.Cleanup(func() { c.Close() })
	return &peer{c, g.t}
}

func (p *peer) send(wire string) {
	p.t.Helper()
	_, err := io.WriteString(p, wire)
	require.NoError(p.t, err)
}

// halfClose says that nothing more comes.
func (p *peer) halfClose() {
	p.t.Helper()
	require.NoError(p.t, p.Conn.(interface{ CloseWrite() error }).CloseWrite())
}

// want reads exactly this.
func (p *peer) want(why, wire string) {
	p.t.Helper()
	got := make([]byte, len(wire))
	n, err := io.ReadFull(p, got)
	require.Equal(p.t, wire, string(got[:n]), why)
	require.NoError(p.t, err, why)
}

// rest reads to the end of the stream, which must be one.
func (p *peer) rest() string {
	p.t.Helper()
	b, err := io.ReadAll(p)
	require.NoError(p.t, err)
	return string(b)
}

// answer is what the server makes of a request by a peer that sends it as a whole.
func (g *gate) answer(wire string) string {
	g.t.Helper()
	p := g.peer()
	p.send(wire)
	response := p.rest()
	p.Close()
	return response
}

// block is a header block of names and values.
func block(pairs ...string) string {
	var b []byte
	for i := 0; i < len(pairs); i += 2 {
		b = netstring.AppendPair(b, pairs[i], pairs[i+1])
	}
	return string(b)
}

func wrap(block string) string {
	return string(netstring.Append(nil, []byte(block)))
}

// request is a request as web servers send it.
func request(method, uri, body string, more ...string) string {
	pairs := []string{"CONTENT_LENGTH", strconv.Itoa(len(body)), "SCGI", "1", "REQUEST_METHOD", method, "REQUEST_URI", uri, "SERVER_PROTOCOL", "HTTP/1.1"}
	return wrap(block(append(pairs, more...)...)) + body
}

// echo answers with what it got.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	w.Header()["Content-Type"] = nil
	io.WriteString(w, r.Method+" "+r.RequestURI+" "+strconv.Quote(string(body)))
	if err != nil {
		io.WriteString(w, " "+err.Error())
	}
})

func okay(body string) string {
	return "Status: 200 OK\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

package origin

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// networks are those that behaviour is tested over.
var networks = []string{"tcp", "unix"}

// A gate is a server under test and the way to it.
type gate struct {
	*Server
	t    testing.TB
	dial func() (net.Conn, error)
	log  journal
	done chan error
}

// open serves over a network: tcp, tls, unix, or memory, which works under
// synctest.
func open(t testing.TB, network string, s *Server) *gate {
	g := &gate{Server: s, t: t, done: make(chan error, 1)}
	if s.ErrorLog == nil {
		s.ErrorLog = g.log.logger()
	}
	l := g.listen(network)
	go func() { g.done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		require.ErrorIs(t, <-g.done, ErrServerClosed)
	})
	return g
}

func (g *gate) listen(network string) net.Listener {
	if network == "memory" {
		l := memconn.Listen()
		g.dial = func() (net.Conn, error) { return l.Dial() }
		return l
	}
	if network == "tls" {
		server, client := certificate()
		l := g.listen("tcp")
		g.dial = func() (net.Conn, error) { return tls.Dial("tcp", l.Addr().String(), client) }
		return tls.NewListener(l, server)
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

// certificate is that of net/http/httptest, for example.com.
func certificate() (server, client *tls.Config) {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	client = s.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	client.ServerName, client.NextProtos = "example.com", nil
	return &tls.Config{Certificates: s.TLS.Certificates}, client
}

// keepAttrs leaves out what differs from run to run.
func keepAttrs(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey || a.Key == "peer" || a.Key == "stack" {
		return slog.Attr{}
	}
	return a
}

// A journal is a log that can be read while it is written.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(j, &slog.HandlerOptions{ReplaceAttr: keepAttrs}))
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// A peer is a scripted client.
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

// today stands for the Date field of a response.
const today = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

var dateField = regexp.MustCompile(`Date: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n`)

// want reads exactly this; any date will do.
func (p *peer) want(why, wire string) {
	p.t.Helper()
	got := make([]byte, len(wire))
	n, err := io.ReadFull(p, got)
	require.Equal(p.t, wire, dateField.ReplaceAllLiteralString(string(got[:n]), today), why)
	require.NoError(p.t, err, why)
}

// rest reads to the end of the connection, and tells whether it was a clean one.
func (p *peer) rest() (wire string, clean bool) {
	p.t.Helper()
	b, err := io.ReadAll(p)
	return dateField.ReplaceAllLiteralString(string(b), today), err == nil
}

// wantEnd reads the end of the connection.
func (p *peer) wantEnd(why string) {
	p.t.Helper()
	wire, clean := p.rest()
	require.Empty(p.t, wire, why)
	require.True(p.t, clean, why)
}

// answer is what the server makes of a connection on which a client sends this
// and waits for the end.
func (g *gate) answer(wire string) string {
	g.t.Helper()
	p := g.peer()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(p, wire)
		sent <- err
	}()
	answer, clean := p.rest()
	require.True(g.t, clean, "the connection ends without an error")
	p.Close()
	<-sent
	return answer
}

// response is a response of the test handlers: no type, a length.
func response(status, body string, fields ...string) string {
	head := "HTTP/1.1 " + status + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n" + today
	for _, f := range fields {
		head += f + "\r\n"
	}
	return head + "\r\n" + body
}

// refused is what the server says to what is no request.
func refused(status string) string {
	text := status[len("400 "):]
	return "HTTP/1.1 " + status + "\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: " +
		strconv.Itoa(len(text)+1) + "\r\n" + today + "Connection: close\r\n\r\n" + text + "\n"
}

// echo answers with what it got.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	w.Header()["Content-Type"] = nil
	text := r.Method + " " + r.RequestURI + " " + strconv.Quote(string(body))
	if err != nil {
		text += " " + err.Error()
	}
	io.WriteString(w, text)
})

// isTimeout tells the error of a deadline.
func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

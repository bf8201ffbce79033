package fastcgi_test

import (
	"bytes"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// A form is what connections are made of.
type form string

const (
	memory form = "memory" // under testing/synctest
	onUnix form = "unix"
	onTCP  form = "tcp"
)

// A row is one behaviour: a sentence, and the play that shows it.
type row struct {
	why  string
	play func(w *world)
}

// play runs rows over connections of the given forms, of all when none is given.
func play(t *testing.T, rows []row, forms ...form) {
	require.NotEmpty(t, rows)
	if len(forms) == 0 {
		forms = []form{memory, onUnix, onTCP}
	}
	for _, f := range forms {
		t.Run(string(f), func(t *testing.T) {
			for _, r := range rows {
				t.Run(r.why, func(t *testing.T) { f.run(t, r.play) })
			}
		})
	}
}

func (f form) run(t *testing.T, play func(w *world)) {
	if f != memory {
		play(&world{T: t, form: f})
		return
	}
	synctest.Test(t, func(t *testing.T) { play(&world{T: t, form: f}) })
}

// A world is a server, its log, and the way to it.
type world struct {
	*testing.T
	form form
	srv  *fastcgi.Server
	log  journal
	mem  *memconn.Listener
	addr string
	done chan error
}

// serve starts a server with h. Its fields may be set before.
func (w *world) serve(h http.HandlerFunc, set ...func(s *fastcgi.Server)) {
	w.srv = &fastcgi.Server{Handler: h, ErrorLog: slog.New(slog.NewTextHandler(&w.log, nil))}
	for _, f := range set {
		f(w.srv)
	}
	w.serveOn(w.listen())
}

func (w *world) serveOn(l net.Listener) {
	w.done = make(chan error, 1)
	go func() { w.done <- w.srv.Serve(l) }()
	w.Cleanup(func() {
		w.srv.Close()
		require.ErrorIs(w, <-w.done, fastcgi.ErrServerClosed)
	})
}

func (w *world) listen() net.Listener {
	if w.form == memory {
		w.mem = memconn.Listen()
		return w.mem
	}
	addr := "127.0.0.1:0"
	if w.form == onUnix {
		addr = filepath.Join(w.TempDir(), "s")
	}
	l, err := net.Listen(string(w.form), addr)
	require.NoError(w, err)
	w.addr = l.Addr().String()
	return l
}

// wait is how long an event may take that the test cannot do without.
const wait = 30 * time.Second

// dial returns a peer that is connected.
func (w *world) dial() *client {
	w.Helper()
	p := &client{world: w}
	var err error
	if w.form == memory {
		p.Conn, err = w.mem.Dial()
	} else {
		p.Conn, err = net.Dial(string(w.form), w.addr)
	}
	require.NoError(w, err)
	if w.form != memory {
		p.SetDeadline(time.Now().Add(wait))
	}
	w.Cleanup(func() { p.Close() })
	return p
}

// settle lets everything happen that can. Over sockets, where nobody knows, it
// gives others a chance.
func (w *world) settle() {
	if w.form == memory {
		synctest.Wait()
		return
	}
	runtime.Gosched()
}

// pass lets a little time pass.
func (w *world) pass() {
	if w.form == memory {
		time.Sleep(3 * time.Millisecond) // a handler that runs for one is noticed
		return
	}
	runtime.Gosched()
}

// wantLog expects exactly these lines in the server's log.
func (w *world) wantLog(why string, lines ...string) {
	w.Helper()
	got := w.log.lines()
	require.Len(w, got, len(lines), "%s: %q", why, got)
	for i := range lines {
		require.Contains(w, got[i], lines[i], why)
	}
}

// awaitLog is wantLog for a line that comes after the connection has ended.
func (w *world) awaitLog(why string, lines ...string) {
	w.Helper()
	for end := time.Now().Add(wait); len(w.log.lines()) < len(lines) && time.Now().Before(end); {
		w.pass()
	}
	w.wantLog(why, lines...)
}

// A journal keeps the lines of a log.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) lines() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.FieldsFunc(j.text.String(), func(r rune) bool { return r == '\n' })
}

// receive waits for an event of a handler.
func receive[T any](w *world, why string, events <-chan T) (event T) {
	w.Helper()
	select {
	case event = <-events:
	case <-time.After(wait):
		require.Fail(w, "nothing has happened", why)
	}
	return event
}

// serve starts a server on a unix socket for the length of a test.
func serve(t testing.TB, s *fastcgi.Server) (path string) {
	path = filepath.Join(t.TempDir(), "s")
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

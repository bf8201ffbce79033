package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/behaviour"
)

// A memory is an exchange whose client and server are this test.
type memory struct {
	vars  *env.Vars
	stdin io.Reader
	out   bytes.Buffer
	errs  behaviour.Log

	canceler gateway.Canceler
	watched  chan struct{} // closed by Watch
	flushes  int
	flushed  int   // bytes of out that were flushed
	fail     error // what Write and Flush fail with
	last     bool  // no other exchange follows
	closing  bool  // CloseAfter was called

	mu    sync.Mutex
	read  time.Time // deadlines
	write time.Time
}

func newMemory(vars *env.Vars, body string) *memory {
	return &memory{vars: vars, stdin: strings.NewReader(body), watched: make(chan struct{})}
}

func (m *memory) AddCGIVars(v *env.Vars) {
	for name, value := range m.vars.Pairs() {
		v.Add(name, value)
	}
}

func (m *memory) Stdin() io.Reader           { return (*memoryStdin)(m) }
func (m *memory) Stderr() io.Writer          { return &m.errs }
func (m *memory) Attach(c gateway.Canceler)  { m.canceler = c }
func (m *memory) Watch()                     { close(m.watched) }
func (m *memory) log() string                { return m.errs.String() }
func (m *memory) reader() *bufio.Reader      { return bufio.NewReader(bytes.NewReader(m.out.Bytes())) }
func (m *memory) expired(t *time.Time) error { return m.deadline(t, time.Time{}) }

func (m *memory) Write(p []byte) (int, error) {
	if m.fail != nil {
		return 0, m.fail
	}
	if err := m.expired(&m.write); err != nil {
		return 0, err
	}
	return m.out.Write(p)
}

func (m *memory) Flush() error {
	m.flushes++
	m.flushed = m.out.Len()
	return m.fail
}

func (m *memory) SetReadDeadline(t time.Time) error  { return m.deadline(&m.read, t) }
func (m *memory) SetWriteDeadline(t time.Time) error { return m.deadline(&m.write, t) }

// deadline sets a deadline, or, given none, reports whether it has passed.
func (m *memory) deadline(d *time.Time, t time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !t.IsZero() {
		*d = t
	} else if !d.IsZero() && d.Before(time.Now()) {
		return os.ErrDeadlineExceeded
	}
	return nil
}

// memoryStdin is a memory as the reader of its body.
type memoryStdin memory

func (s *memoryStdin) Read(p []byte) (int, error) {
	m := (*memory)(s)
	if err := m.expired(&m.read); err != nil {
		return 0, err
	}
	return m.stdin.Read(p)
}

// An originMemory is one that has the connection to the client.
type originMemory struct {
	*memory
	request *http.Request
}

func (m *originMemory) CloseAfter() { m.closing = true }
func (m *originMemory) Last() bool  { return m.last }

func (m *originMemory) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, peer := net.Pipe()
	peer.Close()
	return conn, bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn)), nil
}

// A parsedMemory has parsed the request, too.
type parsedMemory struct{ originMemory }

func (m *parsedMemory) Request() (*http.Request, error) {
	if m.request == nil {
		return nil, errors.New("no request")
	}
	return m.request, nil
}

// run is one exchange from the client's bytes to its answer.
func run(ctx context.Context, t testing.TB, e *gateway.Engine, x gateway.Exchange, m *memory, h http.Handler, c behaviour.Client) behaviour.Answer {
	t.Helper()
	if c.Leave != nil {
		over := make(chan struct{})
		defer close(over)
		go func() {
			<-c.Leave
			select {
			case <-m.watched:
				m.canceler.Cancel(errors.New("client is gone"))
			case <-over:
			}
		}()
	}
	err := e.Run(ctx, x, h)
	a := read(t, e, m, c)
	a.Broken = a.Broken || gateway.Broken(err)
	a.Kept = !a.Broken && !m.closing && !c.Cut
	a.Log = m.log()
	return a
}

func read(t testing.TB, e *gateway.Engine, m *memory, c behaviour.Client) behaviour.Answer {
	t.Helper()
	in := m.reader()
	a, err := behaviour.ReadCGI(in)
	if e.Origin {
		in = m.reader()
		a, err = behaviour.ReadHTTP(in, c.Request)
	}
	if err != nil {
		t.Fatalf("response %q: %v", m.out.String(), err)
	}
	if rest, _ := io.ReadAll(in); len(rest) > 0 {
		t.Fatalf("after the response: %q", rest)
	}
	return a
}

// statusGate is a gate that writes CGI responses.
func statusGate() behaviour.Gate {
	return behaviour.Gate{Name: "status", Serve: func(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
		m := newMemory(behaviour.Variables(t, c))
		return run(t.Context(), t, &gateway.Engine{BodyEnds: true}, m, m, h, c)
	}}
}

// variablesGate is a gate that writes HTTP and gets the request as variables.
func variablesGate() behaviour.Gate {
	return behaviour.Gate{Name: "origin from variables", Origin: true, Serve: func(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
		m := newMemory(behaviour.Variables(t, c))
		return run(t.Context(), t, &gateway.Engine{Origin: true, BodyEnds: true}, &originMemory{memory: m}, m, h, c)
	}}
}

// originGate is a gate that has parsed the request itself.
func originGate() behaviour.Gate {
	return behaviour.Gate{Name: "origin", Origin: true, Serve: func(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
		r := behaviour.ReadRequest(t, c)
		m := newMemory(env.FromRequest(r), "")
		m.stdin = r.Body
		return run(r.Context(), t, &gateway.Engine{Origin: true, BodyEnds: true}, &parsedMemory{originMemory{m, r}}, m, h, c)
	}}
}

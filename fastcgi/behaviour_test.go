package fastcgi_test

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/behaviour"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

func TestBehaviour(t *testing.T) { everyGate(t, func(h http.Handler) http.Handler { return h }) }

func everyGate(t *testing.T, middleware func(http.Handler) http.Handler) {
	for _, g := range []struct {
		form form
		keep uint8
	}{{onUnix, 0}, {onUnix, record.KeepConn}, {onTCP, 0}, {onTCP, record.KeepConn}} {
		name := string(g.form) + map[uint8]string{0: "", record.KeepConn: " kept"}[g.keep]
		t.Run(name, func(t *testing.T) {
			serve := func(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
				return throughGate(t.(*testing.T), g.form, g.keep, h, c)
			}
			behaviour.Test(t, behaviour.Gate{Name: "fastcgi over " + name, Serve: serve}.Behind(middleware))
		})
	}
}

// throughGate is the way through a web server.
func throughGate(t *testing.T, f form, keep uint8, h http.Handler, c behaviour.Client) behaviour.Answer {
	var a behaviour.Answer
	w := &world{T: t, form: f}
	var logged behaviour.Log
	w.srv = &fastcgi.Server{Handler: h, ErrorLog: slog.New(slog.NewTextHandler(&logged, nil))}
	l := w.listen()
	done := make(chan error, 1)
	go func() { done <- w.srv.Serve(l) }()
	p := w.dial()
	var sending sync.WaitGroup
	sending.Go(func() { p.Write(gateRequest(t, keep, c)) })
	log := ""
	if c.Leave != nil {
		<-c.Leave
	} else {
		a, log = p.gateAnswer()
	}
	p.Close()
	sending.Wait()
	require.NoError(t, w.srv.Close())
	require.ErrorIs(t, <-done, fastcgi.ErrServerClosed)
	a.Log = log + logged.String()
	return a
}

// gateRequest is what a web server sends. One that the client lets down ends
// the body early.
func gateRequest(t testing.TB, keep uint8, c behaviour.Client) []byte {
	v, body := behaviour.Variables(t, c)
	var list []string
	for name, value := range v.Pairs() {
		list = append(list, name, value)
	}
	b := bytesOf(beginAs(1, record.Responder, keep), params(1, pairs(list...)), params(1, ""))
	for body != "" {
		n := min(len(body), record.MaxContent)
		b = stdin(1, body[:n]).append(b)
		body = body[n:]
	}
	return stdin(1, "").append(b)
}

// gateAnswer reads a response and what came on STDERR.
func (p *client) gateAnswer() (a behaviour.Answer, log string) {
	var out, errs strings.Builder
	broken := false
	for {
		r, err := p.next()
		if err != nil {
			require.False(p, errors.Is(err, io.ErrUnexpectedEOF), "%v", err)
			broken = true
			break
		}
		switch r.Type {
		case record.Stdout:
			out.WriteString(r.Content)
		case record.Stderr:
			errs.WriteString(r.Content)
		}
		if r.Type == record.EndRequest {
			break
		}
	}
	a, err := behaviour.ReadCGI(bufio.NewReader(strings.NewReader(out.String())))
	require.NoError(p, err)
	a.Broken = broken || shortBody(a)
	return a, errs.String()
}

// shortBody reports that a body is shorter than its length.
func shortBody(a behaviour.Answer) bool {
	for _, f := range a.Fields {
		if f.Name == "Content-Length" {
			n, err := strconv.Atoi(f.Value)
			return err != nil || len(a.Body) < n && a.Body != ""
		}
	}
	return false
}

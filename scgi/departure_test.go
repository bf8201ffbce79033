package scgi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// waiting is a handler that waits for the end of its context.
type waiting struct {
	begun chan struct{}
	cause chan error
	write chan error
}

func newWaiting() *waiting {
	return &waiting{make(chan struct{}), make(chan error, 1), make(chan error, 1)}
}

func (h *waiting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	close(h.begun)
	<-r.Context().Done()
	h.cause <- context.Cause(r.Context())
	_, err := io.WriteString(w, "nobody reads this")
	h.write <- err
}

func TestDepartureEndsTheContext(t *testing.T) {
	for _, row := range []struct{ why, wire string }{
		{"a request without a body", request("GET", "/", "")},
		{"a body that nobody reads", request("POST", "/", "unread")},
		{"a body that is not there yet", strings.TrimSuffix(request("POST", "/", "late"), "late")},
	} {
		for _, network := range sockets {
			h := newWaiting()
			g := open(t, network, &Server{Handler: h})
			p := g.peer()
			p.send(row.wire)
			<-h.begun
			p.Close()
			require.ErrorIs(t, <-h.cause, context.Canceled, row.why)
			require.ErrorIs(t, <-h.write, gateway.ErrPeerGone, row.why)
			require.Empty(t, g.log.String(), "that clients leave is not worth a line")
		}
	}
}

// What the web server has sent is more than all buffers hold, so that its departure does not show before that has been read.
func TestDepartureBehindABodyThatNobodyReads(t *testing.T) {
	for _, network := range sockets {
		t.Setenv("TMPDIR", t.TempDir())
		h := newWaiting()
		g := open(t, network, &Server{Handler: h})
		p := g.peer()
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			io.WriteString(p, request("POST", "/", strings.Repeat("x", 8<<20)))
		}()
		<-h.begun
		p.Close()
		require.ErrorIs(t, <-h.cause, context.Canceled, network)
		require.ErrorIs(t, <-h.write, gateway.ErrPeerGone, network)
		<-sent
	}
}

func TestDepartureIsSeenByThoseWhoOnlyAsk(t *testing.T) {
	for _, network := range sockets {
		begun, ended := make(chan struct{}), make(chan struct{})
		g := open(t, network, &Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			close(begun)
			for r.Context().Err() == nil {
				runtime.Gosched()
			}
			close(ended)
		})})
		p := g.peer()
		p.send(request("GET", "/", ""))
		<-begun
		p.Close()
		<-ended
	}
}

func TestDepartureIsSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newWaiting()
		g := open(t, "memory", &Server{Handler: h})
		p := g.peer()
		p.send(request("GET", "/", ""))
		begin := time.Now()
		<-h.begun
		p.Close()
		<-h.cause
		require.Zero(t, time.Since(begin), "by who waits for it")
	})
}

func TestDepartureIsSeenAfterTheTimeOfARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newWaiting()
		g := open(t, "memory", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body.Read(make([]byte, 1))
			h.ServeHTTP(w, r)
		})})
		wire := request("PUT", "/", "xyz")
		p := g.peer()
		p.send(strings.TrimSuffix(wire, "xyz"))
		synctest.Wait()
		p.send("x")
		begin := time.Now()
		<-h.begun
		time.Sleep(2 * defaultReadTimeout) // of the bubble's clock
		p.Close()
		<-h.cause
		require.Equal(t, 2*defaultReadTimeout, time.Since(begin))
	})
}

func TestCloseEndsTheContext(t *testing.T) {
	for _, network := range sockets {
		h := newWaiting()
		g := open(t, network, &Server{Handler: h})
		p := g.peer()
		p.send(request("GET", "/", ""))
		<-h.begun
		require.NoError(t, g.Close())
		require.Error(t, <-h.cause, network)
		require.ErrorIs(t, <-h.write, gateway.ErrPeerGone, network)
	}
}

func TestBaseContextEndsTheContext(t *testing.T) {
	base, cancel := context.WithCancelCause(t.Context())
	h := newWaiting()
	g := open(t, "unix", &Server{Handler: h, BaseContext: func(net.Listener) context.Context { return base }})
	p := g.peer()
	p.send(request("GET", "/", ""))
	<-h.begun
	why := errors.New("enough")
	cancel(why)
	require.ErrorIs(t, <-h.cause, why)
}

func TestConnContext(t *testing.T) {
	type key struct{}
	g := open(t, "unix", &Server{
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, key{}, c.LocalAddr().Network())
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Context().Value(key{})) }),
	})
	require.Contains(t, g.answer(request("GET", "/", "")), "\r\n\r\nunix")
}

func TestHalfCloseOnUnixIsNoDeparture(t *testing.T) {
	lines, proceed := 100, make(chan struct{})
	ended := make(chan struct{})
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		done := r.Context().Done()
		for range lines {
			<-proceed
			io.WriteString(w, "line\n")
			w.(http.Flusher).Flush()
		}
		<-done
		close(ended)
	})})
	p := g.peer()
	p.send(request("POST", "/", "body"))
	p.halfClose()
	proceed <- struct{}{}
	p.want("the head", "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nline\n")
	for range lines - 1 {
		proceed <- struct{}{}
		p.want("a client that has sent its request goes on reading", "line\n")
	}
	p.Close()
	<-ended
}

package server

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRightToAccept(t *testing.T) {
	for _, row := range []struct {
		why    string
		kind   string
		recent int32 // quick connections before this one
		handle func(c *Conn)
		still  bool
		after  int32
	}{
		{"after quick ones the right stays while the next is served", "unix descriptor", enough, func(*Conn) {}, true, enough + 1},
		{"before that it passes on first", "unix descriptor", enough - 1, func(*Conn) {}, false, enough},
		{"a handler that blocks passes it on, and the next ones are not trusted", "unix descriptor", enough,
			func(c *Conn) { c.PassRight(true) }, false, 1},
		{"a peer that is waited for passes it on, and says nothing about handlers", "unix descriptor", enough,
			func(c *Conn) {
				c.Interrupt()
				c.Read(make([]byte, 1))
			}, false, enough},
		{"a connection that any call may wait on never keeps it", "unix", enough, func(*Conn) {}, false, enough},
		{"passing on twice is once", "tcp descriptor", enough, func(c *Conn) { c.PassRight(false); c.PassRight(false) }, false, enough + 1},
	} {
		t.Run(row.why, func(t *testing.T) {
			c, _ := accepted(t, row.kind)
			c.since = time.Now().Add(time.Hour) // quick however slow the machine is
			a := draining(c.loop)
			a.quick.Store(row.recent)
			c.loop.Handle = row.handle
			require.Equal(t, row.still, a.serve(c))
			if !row.still {
				require.ErrorIs(t, <-a.done, http.ErrServerClosed, "somebody else has the right")
			}
			require.Equal(t, row.after, a.quick.Load())
			require.Empty(t, a.done)
		})
	}
}

// Each row is a history of connections: q is a quick one, b one that blocks
// whoever would accept, s one that is slow and holds nobody up.
func TestTrust(t *testing.T) {
	for _, row := range []struct {
		why     string
		history string
		keeps   bool // the next one is served before anything else is accepted
	}{
		{"nothing is known at first", "", false},
		{"sixteen quick ones", strings.Repeat("q", 16), true},
		{"one less", strings.Repeat("q", 15), false},
		{"a slow one among them", strings.Repeat("q", 16) + "s" + strings.Repeat("q", 15), false},
		{"one that blocked makes sixteen too few", strings.Repeat("q", 16) + "b" + strings.Repeat("q", 63), false},
		{"and four times as many enough", strings.Repeat("q", 16) + "b" + strings.Repeat("q", 64), true},
		{"one in a hundred that blocks is soon not waited for", strings.Repeat(strings.Repeat("q", 99)+"b", 5) + strings.Repeat("q", 99), false},
		{"trust comes back in time", strings.Repeat("b", 100) + strings.Repeat("q", 1<<14) + "s" + strings.Repeat("q", 16), true},
		{"however often somebody blocked", strings.Repeat("b", 100) + strings.Repeat("q", 4096), true},
	} {
		t.Run(row.why, func(t *testing.T) {
			c, _ := accepted(t, "unix descriptor")
			a := &acceptor{loop: c.loop}
			for _, kind := range row.history {
				c.since = time.Now().Add(time.Hour)
				if kind != 'q' {
					c.since = time.Time{}
				}
				if c.right.Store(nil); kind == 'b' {
					c.right.Store(a)
				}
				a.judge(c)
			}
			require.Equal(t, row.keeps, a.trusts())
		})
	}
}

func TestRightToAcceptOutlivesGoexit(t *testing.T) {
	c, _ := accepted(t, "unix descriptor")
	a := draining(c.loop)
	a.quick.Store(enough)
	c.loop.Handle = func(*Conn) { runtime.Goexit() }
	go a.serve(c)
	require.ErrorIs(t, <-a.done, http.ErrServerClosed)
}

// draining returns an acceptor whose accept ends at once, so that a test sees
// who has the right.
func draining(l *Loop) *acceptor {
	l.closing.Store(true)
	return &acceptor{loop: l, ctx: context.Background(), done: make(chan error, 2)}
}

func TestSourceAcceptsBothWays(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	src := new(Loop).newSource(l)
	peer, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	defer peer.Close()
	f, err := src.accept()
	require.NoError(t, err)
	require.False(t, f.waited(), "a connection that is there comes as a descriptor")
	require.Equal(t, peer.LocalAddr().String(), f.RemoteAddr().String())
	require.Equal(t, peer.RemoteAddr().String(), f.LocalAddr().String())
	require.NoError(t, f.Close())
	waiting := gone(func() error { _, err := src.accept(); return err })
	require.NoError(t, l.Close(), "whoever closes the listener")
	require.ErrorIs(t, <-waiting, net.ErrClosed)
}

package server

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// queued returns a source that nobody accepts from, and peers that have
// connected to it and sent a byte.
func queued(t *testing.T, l *Loop, network string, n int) (*source, []net.Conn) {
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	ln, err := net.Listen(network, addr)
	require.NoError(t, err)
	src := l.newSource(ln)
	require.True(t, l.add(src))
	var peers []net.Conn
	for range n {
		p, err := net.Dial(network, ln.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { p.Close() })
		require.NoError(t, p.SetDeadline(time.Now().Add(30*time.Second)))
		_, err = p.Write([]byte("x"))
		require.NoError(t, err)
		peers = append(peers, p)
	}
	return src, peers
}

// answering greets a peer that has sent a byte, and closes.
func answering(c *Conn) {
	if _, err := c.Read(make([]byte, 1)); err == nil {
		c.Begin()
		io.WriteString(c, "hello")
	}
	c.Close()
}

func TestShutdownServesTheQueue(t *testing.T) {
	type key struct{}
	for _, network := range []string{"tcp", "unix"} {
		for _, row := range []struct {
			why    string
			loop   *Loop
			served int
		}{
			{"all that wait are served", &Loop{Handle: answering}, 5},
			{"also where somebody wants to see each net.Conn", &Loop{
				Handle: func(c *Conn) {
					if c.Context().Value(key{}) == c.Accepted() {
						answering(c)
					}
				},
				ConnContext: func(ctx context.Context, nc net.Conn) context.Context { return context.WithValue(ctx, key{}, nc) },
			}, 5},
			{"as far as there is room", &Loop{Handle: answering, MaxConns: 2}, 2},
		} {
			t.Run(network+": "+row.why, func(t *testing.T) {
				row.loop.ErrorLog = quiet()
				release := make(chan bool)
				answer := row.loop.Handle
				row.loop.Handle = func(c *Conn) {
					<-release // none leaves before all have come
					answer(c)
				}
				src, peers := queued(t, row.loop, network, 5)
				require.NoError(t, row.loop.stopAccepting())
				row.loop.remove(src)
				close(release)
				require.NoError(t, row.loop.Shutdown(context.Background()))
				for i, p := range peers {
					got, err := io.ReadAll(p)
					if i < row.served {
						require.NoError(t, err)
						require.Equal(t, "hello", string(got))
						continue
					}
					require.Empty(t, got)
				}
			})
		}
	}
}

func TestCloseLeavesTheQueue(t *testing.T) {
	l := &Loop{Handle: func(*Conn) { t.Error("a connection is served") }, ErrorLog: quiet()}
	src, peers := queued(t, l, "unix", 2)
	require.NoError(t, l.Close())
	l.remove(src)
	got, _ := io.ReadAll(peers[0])
	require.Empty(t, got)
}

// A deadline to come does not make a descriptor meet the poller before it has to
// wait; one that has passed is heeded all the same.
func TestDeadlinesOfDescriptors(t *testing.T) {
	for _, kind := range []string{"unix descriptor", "tcp descriptor"} {
		c, peer := accepted(t, kind)
		_, err := peer.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(time.Now().Add(time.Hour)))
		require.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Hour)))
		n, err := c.Write([]byte("hello"))
		require.NoError(t, err)
		require.Equal(t, 5, n)
		wantGreeting(t, peer)
		_, err = c.Read(make([]byte, 1))
		require.NoError(t, err)
		require.False(t, c.form.waited(), kind)
		_, err = peer.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, c.SetReadDeadline(past))
		_, err = c.Read(make([]byte, 1))
		require.True(t, Interrupted(err), "%s: %v", kind, err)
		require.NoError(t, c.SetWriteDeadline(past))
		_, err = c.Write([]byte("x"))
		require.True(t, Interrupted(err), "%s: %v", kind, err)
	}
}

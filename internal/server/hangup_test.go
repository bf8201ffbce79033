package server

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// forms are the networks in both forms of a connection.
func forms(networks ...string) (list []string) {
	for _, network := range networks {
		list = append(list, network, network+" descriptor")
	}
	return list
}

// accepted returns both ends of a connection: the loop's, and the peer's.
func accepted(t *testing.T, kind string) (*Conn, net.Conn) {
	network, raw := strings.CutSuffix(kind, " descriptor")
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, addr)
	require.NoError(t, err)
	defer l.Close()
	peer, err := net.Dial(network, l.Addr().String())
	require.NoError(t, err)
	src := &source{ln: l}
	if raw {
		src = new(Loop).newSource(l)
		require.NotNil(t, src.raw, "a listener of package net gives descriptors")
	}
	f, err := src.accept()
	require.NoError(t, err)
	t.Cleanup(func() { src.Close() })
	return connected(t, f, peer), peer
}

func connected(t *testing.T, f form, peer net.Conn) *Conn {
	l := new(Loop)
	l.room = sync.NewCond(&l.mu)
	c := newConn(l, f, context.Background())
	t.Cleanup(func() {
		c.Close()
		peer.Close()
	})
	return c
}

func closeWrite(t *testing.T, c net.Conn) {
	require.NoError(t, c.(interface{ CloseWrite() error }).CloseWrite())
}

// gone runs f beside the test.
func gone(f func() error) chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

func TestHangup(t *testing.T) {
	for _, row := range []struct {
		why  string
		nets []string
		play func(t *testing.T, c *Conn, peer net.Conn)
	}{
		{"a close shows, although bytes are in the way", []string{"unix", "tcp"}, func(t *testing.T, c *Conn, peer net.Conn) {
			io.WriteString(peer, "unread")
			done := gone(c.Hangup)
			require.NoError(t, peer.Close())
			require.ErrorIs(t, <-done, errHangup)
		}},
		{"it shows also when it came before", []string{"unix", "tcp"}, func(t *testing.T, c *Conn, peer net.Conn) {
			io.WriteString(peer, "unread")
			require.NoError(t, peer.Close())
			require.ErrorIs(t, c.Hangup(), errHangup)
		}},
		{"on TCP the end of the peer's side is a departure", []string{"tcp"}, func(t *testing.T, c *Conn, peer net.Conn) {
			done := gone(c.Hangup)
			closeWrite(t, peer)
			require.ErrorIs(t, <-done, errHangup)
			require.Equal(t, io.EOF, c.Gone(io.EOF), "at once")
		}},
		{"on a unix socket it is none before the peer closes wholly", []string{"unix"}, func(t *testing.T, c *Conn, peer net.Conn) {
			closeWrite(t, peer)
			_, err := c.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
			done := gone(func() error { return c.Gone(err) })
			c.Interrupt()
			require.True(t, Interrupted(<-done))
			c.Resume()
			done = gone(func() error { return c.Gone(err) })
			require.NoError(t, peer.Close())
			require.ErrorIs(t, <-done, errHangup)
		}},
		{"Interrupt ends the wait, whichever comes first, until Resume", []string{"unix", "tcp"}, func(t *testing.T, c *Conn, peer net.Conn) {
			done := gone(c.Hangup)
			c.Interrupt()
			require.True(t, Interrupted(<-done))
			require.True(t, Interrupted(c.Hangup()))
			c.Resume()
			done = gone(c.Hangup)
			peer.Close()
			require.ErrorIs(t, <-done, errHangup)
		}},
		{"Close ends the wait", []string{"unix", "tcp"}, func(t *testing.T, c *Conn, peer net.Conn) {
			done := gone(c.Hangup)
			require.NoError(t, c.Close())
			require.ErrorIs(t, <-done, net.ErrClosed)
		}},
		{"any other error means that the peer is gone", []string{"unix", "tcp"}, func(t *testing.T, c *Conn, peer net.Conn) {
			require.Equal(t, io.ErrClosedPipe, c.Gone(io.ErrClosedPipe))
		}},
	} {
		for _, network := range forms(row.nets...) {
			t.Run(network+"/"+row.why, func(t *testing.T) {
				c, peer := accepted(t, network)
				row.play(t, c, peer)
			})
		}
	}
}

func TestHangupWithoutSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		nc, peer := memconn.Pipe(8)
		c := connected(t, &netForm{Conn: nc}, peer)
		require.NoError(t, peer.Close())
		done := gone(c.Hangup)
		synctest.Wait()
		require.Empty(t, done, "a departure does not show")
		c.Interrupt()
		require.True(t, Interrupted(<-done))
		c.Resume()
		done = gone(c.Hangup)
		require.NoError(t, c.Close())
		require.ErrorIs(t, <-done, net.ErrClosed)
		require.Equal(t, io.EOF, c.Gone(io.EOF), "the end of the stream is the departure")
	})
}

func TestReaderBesideHandler(t *testing.T) {
	for _, network := range forms("unix", "tcp") {
		for _, row := range []struct {
			why  string
			play func(t *testing.T, r *Reader, peer net.Conn)
		}{
			{"a departure shows behind a body that nobody reads", func(t *testing.T, r *Reader, peer net.Conn) {
				left := make(chan error, 1)
				_, err := peer.Write(make([]byte, 3*readBuffer))
				require.NoError(t, err)
				r.Begin(func(err error) { left <- err })
				r.Watch()
				require.NoError(t, peer.Close())
				require.ErrorIs(t, <-left, errHangup)
				r.End()
			}},
			{"a body that is read slowly arrives whole", func(t *testing.T, r *Reader, peer net.Conn) {
				const size = 40 * readBuffer
				sent := gone(func() error {
					_, err := peer.Write(make([]byte, size))
					return err
				})
				r.Begin(func(err error) { t.Errorf("the peer has not left: %v", err) })
				r.Watch()
				n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, io.LimitReader(r, size), make([]byte, 1000))
				require.NoError(t, err)
				require.EqualValues(t, size, n)
				require.NoError(t, <-sent)
				r.End()
				_, err = peer.Write([]byte("next"))
				require.NoError(t, err)
				next, err := r.Peek(4)
				require.NoError(t, err)
				require.Equal(t, "next", string(next))
			}},
			{"a deadline of the handler's stands while the buffer is full, and after it", func(t *testing.T, r *Reader, peer net.Conn) {
				r.Begin(func(error) {})
				r.Watch()
				_, err := peer.Write(make([]byte, readBuffer))
				require.NoError(t, err)
				_, err = io.ReadFull(r, make([]byte, 1))
				require.NoError(t, err)
				require.NoError(t, r.SetDeadline(time.Now().Add(-time.Second)))
				_, err = io.ReadFull(r, make([]byte, 2*readBuffer))
				require.True(t, Interrupted(err), "%v", err)
				r.End()
			}},
			{"End ends the wait of who reads ahead", func(t *testing.T, r *Reader, peer net.Conn) {
				_, err := peer.Write(make([]byte, 2*readBuffer))
				require.NoError(t, err)
				r.Begin(func(err error) { t.Errorf("the peer has not left: %v", err) })
				r.Watch()
				_, err = io.ReadFull(r, make([]byte, 1))
				require.NoError(t, err)
				r.End()
				_, err = io.ReadFull(r, make([]byte, 2*readBuffer-1))
				require.NoError(t, err)
			}},
		} {
			t.Run(network+"/"+row.why, func(t *testing.T) {
				c, peer := accepted(t, network)
				row.play(t, NewReader(c), peer)
			})
		}
	}
}

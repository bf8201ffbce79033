package server

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// A scripted listener returns errors before it accepts, and can hold a
// connection back.
type scripted struct {
	*memconn.Listener
	errs   []error
	hold   chan bool
	closes int
	closed error // what Close returns, after closing
}

func (l *scripted) Accept() (net.Conn, error) {
	if len(l.errs) > 0 {
		err := l.errs[0]
		l.errs = l.errs[1:]
		return nil, err
	}
	c, err := l.Listener.Accept()
	if l.hold != nil && err == nil {
		<-l.hold
	}
	return c, err
}

func (l *scripted) Close() error {
	l.closes++
	if err := l.Listener.Close(); err != nil {
		return err
	}
	return l.closed
}

// greeting says hello, and then waits for the peer to close.
func greeting(c *Conn) {
	c.Begin()
	io.WriteString(c, "hello")
	c.Read(make([]byte, 1))
	c.Close()
}

func wantGreeting(t *testing.T, peer net.Conn) {
	t.Helper()
	p := make([]byte, 5)
	_, err := io.ReadFull(peer, p)
	require.NoError(t, err)
	require.Equal(t, "hello", string(p))
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func TestLoop(t *testing.T) {
	for _, row := range []struct {
		why  string
		play func(t *testing.T, l *Loop, ln *scripted)
	}{
		{"errors that pass are waited for, longer each time", func(t *testing.T, l *Loop, ln *scripted) {
			for range 3 {
				ln.errs = append(ln.errs, &net.OpError{Op: "accept", Err: syscall.EMFILE})
			}
			start := time.Now()
			served := gone(func() error { return l.Serve(ln) })
			peer, err := ln.Dial()
			require.NoError(t, err)
			wantGreeting(t, peer)
			require.Equal(t, (5+10+20)*time.Millisecond, time.Since(start))
			peer.Close()
			require.NoError(t, l.Close())
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
		{"the wait ends when the loop closes", func(t *testing.T, l *Loop, ln *scripted) {
			for range 20 {
				ln.errs = append(ln.errs, syscall.ENFILE)
			}
			served := gone(func() error { return l.Serve(ln) })
			time.Sleep(1700 * time.Millisecond)
			start := time.Now()
			require.NoError(t, l.Close())
			require.ErrorIs(t, <-served, http.ErrServerClosed)
			require.Zero(t, time.Since(start))
		}},
		{"any other error is returned, and the listener closed", func(t *testing.T, l *Loop, ln *scripted) {
			fault := errors.New("broken")
			ln.errs = []error{fault}
			require.ErrorIs(t, l.Serve(ln), fault)
			require.Equal(t, 1, ln.closes)
			require.NoError(t, l.Shutdown(context.Background()))
		}},
		{"a listener is closed once", func(t *testing.T, l *Loop, ln *scripted) {
			served := gone(func() error { return l.Serve(ln) })
			synctest.Wait()
			require.NoError(t, l.Shutdown(context.Background()))
			require.ErrorIs(t, <-served, http.ErrServerClosed)
			require.NoError(t, l.Close())
			require.Equal(t, 1, ln.closes)
		}},
		{"a listener that somebody else has closed is no error of Shutdown", func(t *testing.T, l *Loop, ln *scripted) {
			served := gone(func() error { return l.Serve(ln) })
			synctest.Wait()
			ln.closed = net.ErrClosed
			require.NoError(t, l.Shutdown(context.Background()))
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
		{"a listener that does not close is one", func(t *testing.T, l *Loop, ln *scripted) {
			served := gone(func() error { return l.Serve(ln) })
			synctest.Wait()
			ln.closed = io.ErrUnexpectedEOF
			require.ErrorIs(t, l.Shutdown(context.Background()), io.ErrUnexpectedEOF)
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
		{"a connection that was accepted as Shutdown came is served, and waited for", func(t *testing.T, l *Loop, ln *scripted) {
			ln.hold = make(chan bool)
			served := gone(func() error { return l.Serve(ln) })
			peer, err := ln.Dial()
			require.NoError(t, err)
			synctest.Wait()
			down := gone(func() error { return l.Shutdown(context.Background()) })
			synctest.Wait()
			ln.hold <- true
			wantGreeting(t, peer)
			require.ErrorIs(t, <-served, http.ErrServerClosed)
			require.Empty(t, down)
			peer.Close()
			require.NoError(t, <-down)
		}},
		{"one that was accepted as Close came is closed", func(t *testing.T, l *Loop, ln *scripted) {
			ln.hold = make(chan bool)
			served := gone(func() error { return l.Serve(ln) })
			peer, err := ln.Dial()
			require.NoError(t, err)
			synctest.Wait()
			require.NoError(t, l.Close())
			ln.hold <- true
			require.ErrorIs(t, <-served, http.ErrServerClosed)
			_, err = peer.Read(make([]byte, 1))
			require.Equal(t, io.EOF, err)
		}},
		{"no more than MaxConns are open, and Close ends the wait for room", func(t *testing.T, l *Loop, ln *scripted) {
			l.MaxConns = 2
			served := gone(func() error { return l.Serve(ln) })
			var peers [4]net.Conn
			for i := range peers {
				peers[i], _ = ln.Dial()
			}
			wantGreeting(t, peers[0])
			wantGreeting(t, peers[1])
			synctest.Wait()
			require.Len(t, l.conns, 2)
			peers[0].Close()
			wantGreeting(t, peers[2])
			require.NoError(t, l.Close())
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
		{"Shutdown closes what is idle in a moment, and waits five seconds for what is new", func(t *testing.T, l *Loop, ln *scripted) {
			var mu sync.Mutex
			idle := true
			l.Handle = func(c *Conn) {
				mu.Lock()
				if idle {
					c.Begin()
					c.Idle()
				}
				idle = false
				mu.Unlock()
				c.Read(make([]byte, 1))
				c.Close()
			}
			served := gone(func() error { return l.Serve(ln) })
			first, _ := ln.Dial()
			second, _ := ln.Dial()
			synctest.Wait()
			start := time.Now()
			down := gone(func() error { return l.Shutdown(context.Background()) })
			ended := make(chan error, 2)
			for _, c := range []net.Conn{first, second} {
				go func() {
					_, err := c.Read(make([]byte, 1))
					ended <- err
				}()
			}
			synctest.Wait()
			require.Empty(t, ended, "a request may be on its way")
			time.Sleep(2 * idleGrace)
			synctest.Wait()
			require.Len(t, ended, 1, "the idle one")
			require.NoError(t, <-down)
			require.InDelta(t, 5, time.Since(start).Seconds(), 0.2)
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
		{"Shutdown closes idle connections little by little, the one that was used last at the end", func(t *testing.T, l *Loop, ln *scripted) {
			const conns = 3 * idleSteps
			turns := make(chan time.Duration, conns)
			l.Handle = func(c *Conn) {
				c.Begin()
				c.Since(time.Now().Add(-<-turns))
				c.Idle()
				c.Read(make([]byte, 1))
				c.Close()
			}
			served := gone(func() error { return l.Serve(ln) })
			ended := make(chan int, conns)
			for i := range conns {
				turns <- time.Duration(i*7%conns) * time.Hour
				c, _ := ln.Dial()
				synctest.Wait()
				go func() {
					c.Read(make([]byte, 1))
					ended <- i * 7 % conns
				}()
			}
			down := gone(func() error { return l.Shutdown(context.Background()) })
			time.Sleep(idleGrace)
			for left := conns; left > 0; {
				time.Sleep(idlePause)
				synctest.Wait()
				n := len(ended)
				require.LessOrEqual(t, n, conns/idleSteps+1, "at a time")
				for range n {
					require.Greater(t, <-ended, left-n-1, "those that have been idle for longest")
				}
				left -= n
			}
			require.NoError(t, <-down)
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
		{"the contexts come from BaseContext and ConnContext", func(t *testing.T, l *Loop, ln *scripted) {
			type key string
			l.BaseContext = func(got net.Listener) context.Context {
				require.Equal(t, net.Listener(ln), got)
				return context.WithValue(context.Background(), key("base"), 1)
			}
			l.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
				require.NotNil(t, c)
				return context.WithValue(ctx, key("conn"), 2)
			}
			l.Handle = func(c *Conn) {
				require.Equal(t, 1, c.Context().Value(key("base")))
				require.Equal(t, 2, c.Context().Value(key("conn")))
				greeting(c)
			}
			served := gone(func() error { return l.Serve(ln) })
			peer, _ := ln.Dial()
			wantGreeting(t, peer)
			peer.Close()
			require.NoError(t, l.Close())
			require.ErrorIs(t, <-served, http.ErrServerClosed)
		}},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				row.play(t, &Loop{Handle: greeting, ErrorLog: quiet()}, &scripted{Listener: memconn.Listen()})
			})
		})
	}
}

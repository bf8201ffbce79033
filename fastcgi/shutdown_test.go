package fastcgi_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// shutdown calls Shutdown beside the test.
func (w *world) shutdown() chan error {
	done := make(chan error, 1)
	go func() { done <- w.srv.Shutdown(context.Background()) }()
	return done
}

// refusing waits until the server accepts no more.
func (w *world) refusing() {
	for {
		var c net.Conn
		var err error
		if w.form == memory {
			w.settle()
			c, err = w.mem.Dial()
		} else {
			c, err = net.Dial(string(w.form), w.addr)
		}
		if err != nil {
			return
		}
		c.Close()
		w.pass()
	}
}

func TestShutdown(t *testing.T) {
	play(t, []row{
		{"closes connections that are idle", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			require.NoError(w, receive(w, "it ends", w.shutdown()))
			p.wantClosed("it was idle")
		}},
		{"lets a request finish, and closes its connection then", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				running <- true
				<-release
				require.NoError(w, r.Context().Err())
				echo(rw, r)
			})
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", running)
			done := w.shutdown()
			w.refusing()
			require.Empty(w, done, "it waits")
			release <- true
			p.want("the whole answer", answer(1, "GET ")...)
			p.wantClosed("although it was to be kept")
			require.Empty(w, done, "it hears out who may be sending the next request")
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"does not wait for the rest of a request that there is no room for", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				running <- true
				<-release
				echo(rw, r)
			}, func(s *fastcgi.Server) { s.MaxRequests, s.IdleTimeout = 1, -1 })
			p := w.dial()
			p.send(append(get(1), begin(2))...)
			receive(w, "the handler runs", running)
			done := w.shutdown()
			w.refusing()
			release <- true
			p.want("the answer of the other", answer(1, "GET ")...)
			require.NoError(w, receive(w, "it ends", done))
			p.wantClosed("with it")
		}},
		{"lets several requests finish on one connection", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				running <- true
				<-release
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(get(1), get(2))
			receive(w, "a handler runs", running)
			receive(w, "the other handler runs", running)
			done := w.shutdown()
			w.refusing()
			release <- true
			release <- true
			require.Len(w, p.answers("both", 2), 2)
			p.wantClosed("then")
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"takes requests beside others at first", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					running <- true
					<-release
				}
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(post(1, 0), []msg{stdin(1, "")})
			receive(w, "the handler runs", running)
			done := w.shutdown()
			w.refusing()
			p.sendAll(get(2))
			p.want("another one is answered", answer(2, "GET ")...)
			release <- true
			p.want("the first one", answer(1, "POST ")...)
			p.wantClosed("then")
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"refuses requests beside others, without DrainTimeout at once", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				running <- true
				<-release
				echo(rw, r)
			}, func(s *fastcgi.Server) { s.DrainTimeout = -1 })
			p := w.dial()
			p.sendAll(post(1, 0), []msg{stdin(1, "")})
			receive(w, "the handler runs", running)
			done := w.shutdown()
			w.refusing()
			p.sendAll(get(2))
			p.want("another one is refused", overloaded(2)...)
			release <- true
			p.want("the first one is answered", answer(1, "POST ")...)
			p.wantClosed("then")
			require.NoError(w, receive(w, "it ends", done))
			w.wantLog("one line", "server is shutting down")
		}},
		{"answers a request that is on its way on a new connection", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.wantIdle("it has been accepted")
			done := w.shutdown()
			w.refusing()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			p.wantClosed("then")
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"answers a request of which half has come", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(post(1, 4)...)
			p.wantIdle("it has arrived")
			done := w.shutdown()
			w.refusing()
			p.send(stdin(1, "body"), stdin(1, ""))
			p.want("the answer", answer(1, "POST body")...)
			p.wantClosed("then")
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"returns the error of its context when that ends first, and Close ends the rest", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			require.ErrorIs(w, w.srv.Shutdown(ctx), context.Canceled)
			require.Empty(w, told, "the request goes on")
			require.NoError(w, w.srv.Close())
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"hears a peer out that still sends its body", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "no, thanks") })
			p := w.dial()
			p.send(postLast(1, 1<<20)...)
			p.want("the answer", answer(1, "no, thanks")...)
			p.wantClosed("the sending side only")
			done := w.shutdown()
			w.refusing()
			p.send(stdin(1, "more"))
			require.Empty(w, done, "it waits")
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"hears a peer out that still sends its body on a connection that is kept", func(w *world) {
			done := make(chan bool, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				io.WriteString(rw, "no, thanks")
				done <- true
			})
			p := w.dial()
			piece := stdin(1, strings.Repeat("x", 60000))
			p.sendAll(post(1, 1<<20), []msg{piece})
			receive(w, "the handler runs", done)
			w.settle()
			over := w.shutdown()
			w.refusing()
			for range 15 {
				p.send(piece)
			}
			p.want("the answer is not lost", answer(1, "no, thanks")...)
			p.wantClosed("then")
			p.send(stdin(1, ""))
			p.Close()
			require.NoError(w, receive(w, "it ends", over))
		}},
		{"before Serve: Serve returns at once", func(w *world) {
			s := &fastcgi.Server{}
			require.NoError(w, s.Shutdown(context.Background()))
			require.ErrorIs(w, s.Serve(w.listen()), fastcgi.ErrServerClosed)
		}},
		{"twice, and Close after it, is fine", func(w *world) {
			w.serve(echo)
			require.NoError(w, w.srv.Shutdown(context.Background()))
			require.NoError(w, w.srv.Shutdown(context.Background()))
			require.NoError(w, w.srv.Close())
		}},
		{"of a server with several listeners ends them all", func(w *world) {
			w.serve(echo)
			w.serveOn(w.listen())
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			require.NoError(w, w.srv.Shutdown(context.Background()))
		}},
	})
}

// TestSilentConnection is in memory, where time passes at will.
func TestSilentConnection(t *testing.T) {
	play(t, []row{
		{"Shutdown waits five seconds for a connection on which nothing has come", func(w *world) {
			w.serve(echo)
			p := w.dial()
			w.settle()
			start := time.Now()
			require.NoError(w, w.srv.Shutdown(context.Background()))
			require.InDelta(w, 5, time.Since(start).Seconds(), 0.2)
			p.wantClosed("without a request")
		}},
		{"and as long for a peer that reads no answers, after a request", func(w *world) { w.wantShutdownOf(get(1)) }},
		{"after one that was aborted", func(w *world) { w.wantShutdownOf([]msg{begin(1), abort(1)}) }},
		{"after one that was aborted when answers waited already", func(w *world) { w.wantShutdownOf(unread) }},
	}, memory)
}

// wantShutdownOf expects Shutdown to wait five seconds for a peer that goes on
// asking, and reads nothing.
func (w *world) wantShutdownOf(before []msg) {
	w.Helper()
	w.serve(echo)
	p, over := w.dial(), make(chan bool)
	p.send(before...)
	go func() {
		defer close(over)
		p.sendWithoutEnd(getValues("FCGI_MAX_REQS"))
	}()
	w.pass()
	start := time.Now()
	require.NoError(w, w.srv.Shutdown(context.Background()))
	require.InDelta(w, 5, time.Since(start).Seconds(), 0.2)
	<-over
}

// TestOverlappingRequests is in memory, where time passes at will.
func TestOverlappingRequests(t *testing.T) {
	play(t, []row{
		{"Shutdown lets requests that overlap without end go on for five seconds, and ends with those under way", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				time.Sleep(60 * time.Millisecond)
				echo(rw, r)
			})
			p, over := w.dial(), make(chan bool)
			go func() {
				defer close(over)
				for id := uint16(1); ; id++ {
					if _, err := p.Write(bytesOf(get(id)...)); err != nil {
						return
					}
					time.Sleep(40 * time.Millisecond)
				}
			}()
			time.Sleep(time.Second)
			start := time.Now()
			done := w.shutdown()
			ends := map[uint16]msg{}
			for {
				r, err := p.next()
				if err == io.EOF {
					break
				}
				require.NoError(w, err)
				if r.Type == fin(1, 0).Type {
					ends[r.ID] = r
				}
			}
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
			receive(w, "nothing can be sent any more", over)
			require.InDelta(w, 5, time.Since(start).Seconds(), 0.3)
			answered := 0
			for id := range uint16(len(ends)) {
				end := ends[id+1]
				require.Contains(w, []msg{fin(id+1, 0), finAs(id+1, 0, record.Overloaded)}, end, "each has an end")
				if end == fin(id+1, 0) {
					answered++
				}
			}
			require.Greater(w, answered, 6000/40-5)
			require.Less(w, len(ends)-answered, 5, "refused")
		}},
	}, memory)
}

func TestMaxConns(t *testing.T) {
	play(t, []row{
		{"one more than MaxConns waits until another has gone", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.MaxConns = 1 })
			first, second := w.dial(), w.dial()
			first.send(get(1)...)
			first.want("the answer", answer(1, "GET ")...)
			second.send(get(1)...)
			first.wantIdle("it is the one that is served")
			first.Close()
			second.want("its turn", answer(1, "GET ")...)
		}},
	})
}

func TestWriteTimeout(t *testing.T) {
	play(t, []row{
		{"a peer that does not read for so long loses its connection, and all its requests end", func(w *world) {
			told := make(chan error, 3)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					w.untilDone(told)(rw, r)
					return
				}
				_, err := rw.Write(make([]byte, 16<<20))
				told <- err
			}, func(s *fastcgi.Server) { s.WriteTimeout = time.Millisecond })
			p := w.dial()
			p.send(post(1, 1)...)
			receive(w, "one handler waits", told)
			p.send(get(2)...)
			for range 2 {
				require.Error(w, receive(w, "a request ends", told))
			}
		}},
		{"it counts again when a handler takes a deadline of its own back", func(w *world) {
			told := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				c := http.NewResponseController(rw)
				require.NoError(w, c.SetWriteDeadline(time.Now().Add(time.Hour)))
				go func() {
					w.pass()
					c.SetWriteDeadline(time.Time{})
				}()
				_, err := rw.Write(endless)
				told <- err
			}, func(s *fastcgi.Server) { s.WriteTimeout = time.Millisecond })
			p := w.dial()
			p.send(get(1)...)
			require.ErrorIs(w, receive(w, "the write ends", told), os.ErrDeadlineExceeded)
		}},
	})
}

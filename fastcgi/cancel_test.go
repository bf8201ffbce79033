package fastcgi_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/stretchr/testify/require"
)

// untilDone waits for the end of its context, and tells.
func (w *world) untilDone(told chan<- error) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		told <- nil
		<-r.Context().Done()
		told <- r.Context().Err()
	}
}

// polling asks for the error of its context again and again.
func (w *world) polling(told chan<- error) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		told <- nil
		for r.Context().Err() == nil {
			w.pass()
		}
		told <- r.Context().Err()
	}
}

// A departure is a way for a web server to leave.
type departure struct {
	why   string
	leave func(p *client)
	forms []form
}

var departures = []departure{
	{"it closes", func(p *client) { p.Close() }, []form{memory, onUnix, onTCP}},
	{"it ends its side of a TCP connection", func(p *client) { p.closeWrite() }, []form{memory, onTCP}},
	{"it resets", func(p *client) { p.reset() }, []form{memory, onTCP}},
}

func (p *client) closeWrite() {
	p.Helper()
	require.NoError(p, p.Conn.(interface{ CloseWrite() error }).CloseWrite())
}

func (p *client) reset() {
	p.Helper()
	if c, ok := p.Conn.(interface{ Reset() error }); ok {
		require.NoError(p, c.Reset())
		return
	}
	require.NoError(p, p.Conn.(*net.TCPConn).SetLinger(0))
	require.NoError(p, p.Close())
}

func TestDeparture(t *testing.T) {
	for _, d := range departures {
		t.Run(d.why, func(t *testing.T) { play(t, departureRows(d.leave), d.forms...) })
	}
}

func departureRows(leave func(p *client)) []row {
	// begun sends a request and waits for its handler to run.
	begun := func(w *world, h func(told chan<- error) http.HandlerFunc, request []msg) (*client, chan error) {
		told := make(chan error, 2)
		w.serve(h(told))
		p := w.dial()
		p.send(request...)
		receive(w, "the handler runs", told)
		return p, told
	}
	return []row{
		{"while the handler waits for the end of its context", func(w *world) {
			p, told := begun(w, w.untilDone, get(1))
			leave(p)
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
			w.wantLog("nothing was wrong")
		}},
		{"while the handler looks at its context now and then", func(w *world) {
			p, told := begun(w, w.polling, get(1))
			leave(p)
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"while the handler waits and its body does not come", func(w *world) {
			p, told := begun(w, w.untilDone, post(1, 10))
			leave(p)
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"while the handler reads its body", func(w *world) {
			p, told := begun(w, func(told chan<- error) http.HandlerFunc {
				return func(_ http.ResponseWriter, r *http.Request) {
					told <- nil
					_, err := io.ReadAll(r.Body)
					told <- err
					<-r.Context().Done()
				}
			}, post(1, 10))
			leave(p)
			err := receive(w, "the read fails", told)
			require.Error(w, err)
			require.NotErrorIs(w, err, io.EOF)
			w.wantLog("nothing was wrong")
		}},
		{"while several handlers wait", func(w *world) {
			told := make(chan error, 6)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.sendAll(get(1), get(2), get(3))
			for range 3 {
				receive(w, "a handler runs", told)
			}
			leave(p)
			for range 3 {
				require.ErrorIs(w, receive(w, "a context ends", told), context.Canceled)
			}
		}},
		{"while the handler never looks", func(w *world) {
			release := make(chan error)
			p, _ := begun(w, func(told chan<- error) http.HandlerFunc {
				return func(rw http.ResponseWriter, r *http.Request) {
					told <- nil
					<-release
					io.WriteString(rw, "nobody wants this")
				}
			}, get(1))
			leave(p)
			release <- nil
			require.NoError(w, w.srv.Shutdown(context.Background()), "the request ends with its handler")
		}},
		{"while the handler writes more than anybody takes", func(w *world) {
			told := make(chan error, 2)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				told <- nil
				for {
					if _, err := rw.Write(make([]byte, 100<<10)); err != nil {
						told <- r.Context().Err()
						return
					}
				}
			})
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			leave(p)
			p.Close() // one that has only ended its side could still be reading
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
	}
}

// TestDepartureBehindBody is over sockets only: no other connection tells of a
// departure before what is in the way has been read.
func TestDepartureBehindBody(t *testing.T) {
	for _, d := range departures {
		t.Run(d.why, func(t *testing.T) {
			play(t, []row{
				{"with most of a large body unread, while the handler waits", func(w *world) {
					told := make(chan error, 2)
					w.serve(w.untilDone(told))
					p := w.dial()
					piece := stdin(1, strings.Repeat("x", 60000))
					p.sendAll(post(1, 1<<20), []msg{piece, piece})
					receive(w, "the handler runs", told)
					d.leave(p)
					require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
				}},
				{"with two bodies unread, of which one fills its room", func(w *world) {
					told := make(chan error, 4)
					w.serve(w.untilDone(told))
					p := w.dial()
					p.sendAll(post(1, 1<<20), post(2, 1<<20))
					receive(w, "a handler runs", told)
					receive(w, "the other handler runs", told)
					piece := stdin(2, strings.Repeat("x", 60000))
					p.send(stdin(1, "x"), piece, piece)
					d.leave(p)
					require.ErrorIs(w, receive(w, "a context ends", told), context.Canceled)
					require.ErrorIs(w, receive(w, "the other context ends", told), context.Canceled)
				}},
			}, d.forms[1:]...)
		})
	}
}

func TestHalfClose(t *testing.T) {
	play(t, []row{
		{"a web server that ends its side after the request gets its answer", func(w *world) {
			told, release := make(chan error, 1), make(chan error)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				told <- nil
				<-release
				require.NoError(w, r.Context().Err())
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(post(1, 5), []msg{stdin(1, "hello"), stdin(1, "")})
			p.closeWrite()
			receive(w, "the handler runs", told)
			w.pass()
			release <- nil
			p.want("the answer", answer(1, "POST hello")...)
			p.wantClosed("there can be no other request")
		}},
		{"and when it then closes wholly, the context ends", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.send(get(1)...)
			p.closeWrite()
			receive(w, "the handler runs", told)
			p.Close()
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"a body that is not whole fails all the same", func(w *world) {
			told := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				told <- err
			})
			p := w.dial()
			p.sendAll(post(1, 10), []msg{stdin(1, "half ")})
			p.closeWrite()
			require.ErrorIs(w, receive(w, "the read fails", told), io.ErrUnexpectedEOF)
		}},
	}, onUnix)
}

func TestClose(t *testing.T) {
	closing := func(s *fastcgi.Server) { s.MaxRequests = 3 }
	play(t, []row{
		{"ends the contexts of the requests under way", func(w *world) {
			told := make(chan error, 4)
			w.serve(w.untilDone(told), closing)
			p, other := w.dial(), w.dial()
			p.send(get(1)...)
			other.send(get(1)...)
			receive(w, "a handler runs", told)
			receive(w, "another handler runs", told)
			require.NoError(w, w.srv.Close())
			require.ErrorIs(w, receive(w, "a context ends", told), context.Canceled)
			require.ErrorIs(w, receive(w, "the other context ends", told), context.Canceled)
		}},
		{"also that of a handler that only looks now and then", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.polling(told), closing)
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			require.NoError(w, w.srv.Close())
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"also when a large body is in the way", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.untilDone(told), closing)
			p := w.dial()
			go p.Write(bytesOf(append(post(1, 1<<20), stdin(1, strings.Repeat("x", 60000)), stdin(1, strings.Repeat("x", 60000)))...))
			receive(w, "the handler runs", told)
			w.settle()
			require.NoError(w, w.srv.Close())
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"ends a read of the body", func(w *world) {
			told := make(chan error, 2)
			w.serve(func(_ http.ResponseWriter, r *http.Request) {
				told <- nil
				_, err := io.ReadAll(r.Body)
				told <- err
			}, closing)
			p := w.dial()
			p.send(post(1, 10)...)
			receive(w, "the handler runs", told)
			require.NoError(w, w.srv.Close())
			require.Error(w, receive(w, "the read fails", told))
		}},
		{"closes connections on which nothing has come", func(w *world) {
			w.serve(echo, closing)
			p, half := w.dial(), w.dial()
			half.send(begin(1))
			half.wantIdle("it is accepted")
			p.wantIdle("it is accepted")
			require.NoError(w, w.srv.Close())
			p.wantClosed("without a request")
			half.wantClosed("with half of one")
		}},
	})
}

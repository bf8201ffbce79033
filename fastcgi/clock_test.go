package fastcgi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// wantClosedAfter expects the end of the connection, and nothing before it, when
// this time has passed. It is for connections in memory.
func (p *client) wantClosedAfter(why string, d time.Duration) {
	p.Helper()
	start := time.Now()
	p.wantClosed(why)
	require.Equal(p, d, time.Since(start), why)
}

func TestReadHeaderTimeout(t *testing.T) {
	const limit = 20 * time.Second
	play(t, []row{
		{"BEGIN_REQUEST, and nothing more", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.send(begin(1))
			p.wantClosedAfter("20 seconds", limit)
			w.awaitLog("one line", "fastcgi: PARAMS not complete after 20s\" peer=memory")
		}},
		{"half of a record header", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.raw(bytesOf(begin(1))[:4])
			p.wantClosedAfter("20 seconds", limit)
			w.awaitLog("one line", "fastcgi: record not complete after 20s\" peer=memory")
		}},
		{"half of a management record, on a connection that has served", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			time.Sleep(time.Minute)
			p.raw(bytesOf(getValues("FCGI_MAX_REQS"))[:12])
			p.wantClosedAfter("20 seconds from there", limit)
			w.awaitLog("one line", "record not complete")
		}},
		{"PARAMS that come byte by byte, and never end", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.send(begin(1))
			start := time.Now()
			for err := error(nil); err == nil; time.Sleep(time.Second) {
				_, err = p.Write(bytesOf(params(1, "x")))
			}
			require.InDelta(w, limit.Seconds(), time.Since(start).Seconds(), 2)
			w.awaitLog("one line", "PARAMS not complete")
		}},
		{"what is slow, but in time, is served", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for range 2 {
				for _, b := range bytesOf(post(1, 2)[:2]...) {
					p.raw([]byte{b})
					time.Sleep(50 * time.Millisecond)
				}
				p.send(params(1, ""))
				body := bytesOf(stdin(1, "ok"))
				p.raw(body[:8])
				for _, b := range body[8:] {
					time.Sleep(limit)
					p.raw([]byte{b})
				}
				p.send(stdin(1, ""))
				p.want("the answer, whose body has other times", answer(1, "POST ok")...)
			}
			w.wantLog("nothing was wrong")
		}},
		{"beside another request, it alone ends, without an answer", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.ReadTimeout = -1 })
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2), params(2, "x"), begin(3)})
			start := time.Now()
			p.want("an end for each", fin(2, 0), fin(3, 0))
			require.Equal(w, limit, time.Since(start))
			p.send(params(2, "y"), params(2, ""), stdin(2, ""))
			p.wantIdle("what follows of it is ignored")
			p.send(get(2)...)
			p.want("its id is free", answer(2, "GET ")...)
			p.send(stdin(1, "ok"), stdin(1, ""))
			p.want("the other one goes on", answer(1, "POST ok")...)
			p.wantIdle("and so does the connection")
			w.awaitLog("one line for those that were late together", "PARAMS not complete")
		}},
		{"also one whose record is incomplete, which then goes nowhere", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.ReadTimeout = -1 })
			p := w.dial()
			half := bytesOf(params(2, vars("GET")))
			p.raw(append(bytesOf(append(post(1, 2), begin(2))...), half[:20]...))
			p.want("an end", fin(2, 0))
			p.raw(append(half[20:], bytesOf(params(2, ""), stdin(1, "ok"), stdin(1, ""))...))
			p.want("the other one", answer(1, "POST ok")...)
			p.wantClosed("a connection that was stuck takes no more")
			w.awaitLog("one line", "PARAMS not complete")
		}},
		{"a connection that is stuck inside a record ends with the requests under way", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				<-release
				require.NoError(w, r.Context().Err())
				echo(rw, r)
			})
			p := w.dial()
			p.raw(append(bytesOf(get(1)...), bytesOf(getValues("x"))[:10]...))
			time.Sleep(time.Hour)
			w.awaitLog("one line", "record not complete")
			release <- true
			p.want("its answer", answer(1, "GET ")...)
			p.wantClosed("and no other request")
		}},
		{"half of the header of a body's record, and then half of its content", func(w *world) {
			w.serve(echo)
			p := w.dial()
			body := strings.Repeat("x", 100)
			records := bytesOf(append(post(1, len(body)), stdin(1, body), stdin(1, ""))...)
			at := len(records) - len(bytesOf(stdin(1, body), stdin(1, ""))) + 3
			p.raw(records[:at])
			time.Sleep(limit / 2)
			p.raw(records[at : at+20])
			time.Sleep(limit)
			p.raw(records[at+20:])
			p.want("the answer", answer(1, "POST "+body)...)
			p.wantIdle("what is left of a body takes as long as it takes")
			w.wantLog("nothing was wrong")
		}},
		{"another time", func(w *world) {
			w.serve(w.notRun, func(s *fastcgi.Server) { s.ReadHeaderTimeout = time.Second })
			p := w.dial()
			p.send(begin(1))
			p.wantClosedAfter("one second", time.Second)
		}},
		{"no bound", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.ReadHeaderTimeout, s.IdleTimeout = -1, -1 })
			p := w.dial()
			all := bytesOf(get(1)...)
			p.raw(all[:4])
			time.Sleep(time.Hour)
			p.raw(all[4:20])
			time.Sleep(time.Hour)
			p.raw(all[20:])
			p.want("the answer", answer(1, "GET ")...)
			time.Sleep(time.Hour)
			p.wantIdle("the connection is there")
		}},
	}, memory)
}

func TestIdleTimeout(t *testing.T) {
	const limit = 5 * time.Minute
	play(t, []row{
		{"a connection that never sends anything", func(w *world) {
			w.serve(echo)
			w.dial().wantClosedAfter("5 minutes", limit)
			w.wantLog("that is nothing to log")
		}},
		{"after a request, and each request is a new beginning", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for range 3 {
				p.send(get(1)...)
				p.want("the answer", answer(1, "GET ")...)
				time.Sleep(limit - time.Second)
			}
			p.wantClosedAfter("5 minutes after the last one", time.Second)
			w.wantLog("that is nothing to log")
		}},
		{"a question is a sign of life", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for range 3 {
				time.Sleep(limit - time.Second)
				p.wantIdle("it is there")
			}
			p.wantClosedAfter("5 minutes after the last one", limit)
		}},
		{"a request that takes longer is not idle, and the time begins after it", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				time.Sleep(3 * limit)
				echo(rw, r)
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			p.wantClosedAfter("5 minutes after it", limit)
		}},
		{"so do several at a time", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				time.Sleep(3 * limit)
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(get(1), get(2))
			require.Len(w, p.answers("both", 2), 2)
			p.wantClosedAfter("5 minutes after them", limit)
		}},
		{"with only refused requests a connection is idle", func(w *world) {
			w.serve(echo, maxRequests(1))
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2), stdin(1, "ok"), stdin(1, "")})
			p.want("the answer", answer(1, "POST ok")...)
			p.wantClosedAfter("5 minutes", limit)
		}},
		{"another time", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.IdleTimeout = time.Second })
			w.dial().wantClosedAfter("one second", time.Second)
		}},
		{"a peer that reads no answers, and sends no request", func(w *world) {
			w.serve(echo)
			start := time.Now()
			w.dial().sendWithoutEnd(getValues("FCGI_MAX_REQS"))
			require.Equal(w, limit, time.Since(start))
			w.wantLog("that is nothing to log")
		}},
		{"one that has had a request, or half of one", func(w *world) {
			w.serve(echo)
			for _, before := range [][]msg{get(1), {begin(1), abort(1)}} {
				start := time.Now()
				p := w.dial()
				p.send(before...)
				w.pass()
				p.sendWithoutEnd(getValues("FCGI_MAX_REQS"))
				require.InDelta(w, limit.Seconds(), time.Since(start).Seconds(), 0.1)
			}
		}},
		{"one whose request ends while answers wait", func(w *world) {
			w.serve(echo)
			start := time.Now()
			p := w.dial()
			p.send(unread...)
			p.sendWithoutEnd(getValues("FCGI_MAX_REQS"))
			require.InDelta(w, limit.Seconds(), time.Since(start).Seconds(), 0.1)
		}},
		{"one that has ended its side is heard out as long as Shutdown would", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(unread...)
			p.closeWrite()
			time.Sleep(6 * time.Second)
			start := time.Now()
			require.NoError(w, w.srv.Shutdown(w.Context()))
			require.Less(w, time.Since(start), 10*time.Millisecond, "it has gone")
		}},
		{"one that reads them slowly stays", func(w *world) {
			w.serve(echo)
			p := w.dial()
			over := make(chan bool)
			go func() {
				defer close(over)
				p.sendWithoutEnd(getValues("FCGI_MAX_REQS"))
			}()
			for range 10 {
				time.Sleep(limit - time.Second)
				for range 1000 {
					_, err := p.next()
					require.NoError(w, err)
				}
			}
			<-over
		}},
	}, memory)
}

// unread is a request that is aborted when there are more answers to questions
// than the connection holds.
var unread = append(append([]msg{begin(1)}, slices.Repeat([]msg{getValues("FCGI_MAX_REQS")}, 2*memconn.Size/40)...), abort(1))

// sendWithoutEnd sends a record again and again until the connection ends.
func (p *client) sendWithoutEnd(m msg) {
	b := bytesOf(m)
	var err error
	for err == nil {
		_, err = p.Write(b)
	}
	require.False(p, errors.Is(err, os.ErrDeadlineExceeded), "it does not end")
}

func TestReadTimeout(t *testing.T) {
	const limit = time.Minute
	slow := func(reads chan<- error) http.HandlerFunc {
		return func(rw http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			reads <- err
			fmt.Fprintf(rw, "%s", body)
		}
	}
	play(t, []row{
		{"a body that does not come on fails, and the connection goes on", func(w *world) {
			reads := make(chan error, 1)
			w.serve(slow(reads))
			p := w.dial()
			for range 2 {
				p.sendAll(post(1, 10), []msg{stdin(1, "half ")})
				start := time.Now()
				require.ErrorIs(w, <-reads, os.ErrDeadlineExceeded)
				require.Equal(w, limit, time.Since(start))
				p.want("the answer", answer(1, "half ")...)
				p.send(stdin(1, "too late"), stdin(1, ""))
				p.wantIdle("the connection goes on")
			}
			w.wantLog("it is the handler's to tell")
		}},
		{"one that comes slowly does not", func(w *world) {
			reads := make(chan error, 1)
			w.serve(slow(reads))
			p := w.dial()
			p.send(post(1, 10)...)
			for i := range 10 {
				time.Sleep(limit - time.Second)
				p.send(stdin(1, fmt.Sprint(i)))
			}
			require.NoError(w, <-reads)
			p.want("the answer", answer(1, "0123456789")...)
		}},
		{"nor one that a handler takes its time for", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				time.Sleep(time.Hour)
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(post(1, 4), []msg{stdin(1, "body"), stdin(1, "")})
			p.want("the answer", answer(1, "POST body")...)
		}},
		{"each request has its own time", func(w *world) {
			reads := make(chan error, 2)
			w.serve(slow(reads))
			p := w.dial()
			p.sendAll(post(1, 2), post(2, 2))
			time.Sleep(limit / 2)
			p.send(stdin(1, "o"))
			start := time.Now()
			require.Error(w, <-reads)
			require.Equal(w, limit/2, time.Since(start))
			p.want("its answer", stdout(2, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n"), stdout(2, ""), fin(2, 0))
			p.send(stdin(1, "k"), stdin(1, ""))
			require.NoError(w, receive(w, "the other one goes on", reads))
			p.want("the answer", answer(1, "ok")...)
		}},
		{"also before the handler runs, where the first byte decides whether there is a body", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.send(begin(1), params(1, vars("POST", "CONTENT_LENGTH", "")), params(1, ""))
			start := time.Now()
			p.wantBroken("nothing can be answered")
			require.Equal(w, limit, time.Since(start))
		}},
		{"a Filter that has to wait for the end of STDIN to answer waits as long for more of it", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) { begun(rw) })
			p := w.dial()
			p.send(filter(1, "POST", 10, 4)...)
			for range 3 {
				time.Sleep(limit - time.Second)
				p.send(stdin(1, "x"))
			}
			start := time.Now()
			_, err := io.ReadAll(p)
			require.NoError(w, err)
			require.Equal(w, limit, time.Since(start))
		}},
		{"a deadline of the handler takes its place", func(w *world) {
			reads := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				require.NoError(w, http.NewResponseController(rw).SetReadDeadline(time.Now().Add(time.Hour)))
				slow(reads)(rw, r)
			})
			p := w.dial()
			p.send(post(1, 10)...)
			start := time.Now()
			require.ErrorIs(w, <-reads, os.ErrDeadlineExceeded)
			require.Equal(w, time.Hour, time.Since(start))
		}},
		{"no bound", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.ReadTimeout = -1 })
			p := w.dial()
			p.send(post(1, 4)...)
			time.Sleep(time.Hour)
			p.send(stdin(1, "body"), stdin(1, ""))
			p.want("the answer", answer(1, "POST body")...)
		}},
	}, memory)
}

// TestTimeouts is the same in short, over everything that connections are made
// of.
func TestTimeouts(t *testing.T) {
	const soon = 20 * time.Millisecond
	play(t, []row{
		{"of the header", func(w *world) {
			w.serve(w.notRun, func(s *fastcgi.Server) { s.ReadHeaderTimeout = soon })
			p := w.dial()
			p.raw(bytesOf(begin(1))[:10])
			p.wantEnd("closed")
			w.awaitLog("one line", "record not complete after 20ms")
		}},
		{"of the header, beside a request", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.ReadHeaderTimeout = soon })
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2)})
			p.want("an end", fin(2, 0))
			p.send(stdin(1, "ok"), stdin(1, ""))
			p.want("the other one", answer(1, "POST ok")...)
			w.awaitLog("one line", "PARAMS not complete after 20ms")
		}},
		{"of a connection that sends nothing", func(w *world) {
			w.serve(w.notRun, func(s *fastcgi.Server) { s.IdleTimeout = soon })
			w.dial().wantClosed("closed")
		}},
		{"of a connection that reads no answers", func(w *world) {
			w.serve(w.notRun, func(s *fastcgi.Server) { s.IdleTimeout = soon })
			w.dial().sendWithoutEnd(getValues("FCGI_MAX_REQS"))
		}},
		{"of a connection after its first request", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.IdleTimeout = soon })
			for answered := false; !answered; {
				p := w.dial()
				p.Write(bytesOf(get(1)...)) // which may come too late
				rest, err := io.ReadAll(p)
				require.False(w, errors.Is(err, os.ErrDeadlineExceeded), "closed")
				answered = string(rest) == string(bytesOf(answer(1, "GET ")...))
				p.Close()
			}
			w.wantLog("nothing was wrong")
		}},
		{"of a body, whoever reads the connection", func(w *world) {
			reads := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "PUT" {
					r.Context().Done()
				}
				_, err := io.ReadAll(r.Body)
				reads <- err
				io.WriteString(rw, "too slow")
			}, func(s *fastcgi.Server) { s.ReadTimeout = soon })
			p := w.dial()
			for _, method := range []string{"POST", "PUT"} {
				p.send(begin(1), params(1, vars(method, "CONTENT_LENGTH", "10")), params(1, ""), stdin(1, "half "))
				require.ErrorIs(w, receive(w, "the read fails", reads), os.ErrDeadlineExceeded)
				p.want("the answer", answer(1, "too slow")...)
				p.send(stdin(1, ""))
				p.wantIdle("the connection goes on")
			}
		}},
	})
}

// TestWaitMeetsClose is about who begins to read while somebody else closes.
func TestWaitMeetsClose(t *testing.T) {
	play(t, []row{
		{"a connection ends with its answer, whoever has just begun to read it", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				echo(rw, r)
			})
			for range 300 {
				p := w.dial()
				p.send(getLast(1)...)
				p.want("the answer", answer(1, "GET ")...)
				p.wantClosed("then")
				p.Close()
			}
		}},
	}, onUnix, onTCP)
}

// wantEnd expects the end of the connection, which may be a reset.
func (p *client) wantEnd(why string) {
	p.Helper()
	_, err := io.Copy(io.Discard, p)
	require.False(p, errors.Is(err, os.ErrDeadlineExceeded), why)
}

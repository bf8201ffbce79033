package fastcgi_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

const errorPage = "Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" +
	"A server error occurred.  Please contact the administrator."

// begunPage is the head and the first bytes of a page that was flushed.
const begunPage = "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nbegun"

func begun(w http.ResponseWriter) {
	io.WriteString(w, "begun")
	http.NewResponseController(w).Flush()
}

// wantPanicLog expects one or more STDERR records that tell of a panic, and
// returns the record after them.
func (p *client) wantPanicLog(why string, id uint16, text string) {
	p.Helper()
	got, err := p.next()
	require.NoError(p, err, why)
	require.Equal(p, stderr(id, got.Content), got, why)
	require.Contains(p, got.Content, text, why)
	require.Contains(p, got.Content, "ending_test.go", "the stack")
}

func TestPanic(t *testing.T) {
	panics := func(http.ResponseWriter, *http.Request) { panic("boom") }
	panicsLate := func(w http.ResponseWriter, _ *http.Request) {
		begun(w)
		panic("boom")
	}
	play(t, []row{
		{"before the head: a page, appStatus 1, and the connection goes on", func(w *world) {
			w.serve(panics)
			p := w.dial()
			p.send(get(1)...)
			p.wantPanicLog("the log comes first", 1, "panic serving GET /: boom")
			p.want("the page", stdout(1, errorPage), stderr(1, ""), stdout(1, ""), fin(1, 1))
			p.wantIdle("the connection goes on")
		}},
		{"after the head: the log, a record of version 0, and the end", func(w *world) {
			w.serve(panicsLate)
			p := w.dial()
			p.send(get(1)...)
			p.want("what was flushed", stdout(1, begunPage))
			p.wantPanicLog("the log", 1, "boom")
			p.wantBroken("no clean end")
		}},
		{"after the head on a connection that is not kept: the same", func(w *world) {
			w.serve(panicsLate)
			p := w.dial()
			p.send(getLast(1)...)
			p.want("what was flushed", stdout(1, begunPage))
			p.wantPanicLog("the log", 1, "boom")
			p.wantBroken("no clean end")
		}},
		{"after the head with the body still coming: the peer can send it and read the break", func(w *world) {
			w.serve(panicsLate)
			p := w.dial()
			p.send(post(1, 10)...)
			p.want("what was flushed", stdout(1, begunPage))
			p.wantPanicLog("the log", 1, "boom")
			p.send(stdin(1, "0123456789"), stdin(1, ""))
			p.wantBroken("no clean end")
		}},
		{"after the head on a connection that others share: appStatus 1, and they go on", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					echo(rw, r)
					return
				}
				panicsLate(rw, r)
			})
			p := w.dial()
			p.sendAll(post(2, 2), get(1))
			p.want("what was flushed", stdout(1, begunPage))
			p.wantPanicLog("the log", 1, "boom")
			p.want("an end that tells", stderr(1, ""), stdout(1, ""), fin(1, 1))
			p.send(stdin(2, "ok"), stdin(2, ""))
			p.want("the other answer", answer(2, "POST ok")...)
			p.wantIdle("the connection goes on")
		}},
		{"http.ErrAbortHandler before the head: broken off, without a log", func(w *world) {
			w.serve(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
			p := w.dial()
			p.send(get(1)...)
			p.wantBroken("no answer at all")
		}},
		{"http.ErrAbortHandler after the head: the same", func(w *world) {
			w.serve(func(w http.ResponseWriter, _ *http.Request) {
				begun(w)
				panic(http.ErrAbortHandler)
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("what was flushed", stdout(1, begunPage))
			p.wantBroken("no clean end")
		}},
		{"a body shorter than its Content-Length: broken off", func(w *world) {
			w.serve(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "9")
				io.WriteString(w, "short")
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("the page, then the log",
				stdout(1, "Status: 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n\r\nshort"),
				stderr(1, "gateway: handler declared Content-Length 9 and wrote 5 bytes\n"))
			p.wantBroken("no clean end")
		}},
		{"in several handlers at once: each costs its own request", func(w *world) {
			var both sync.WaitGroup
			both.Add(3)
			w.serve(func(http.ResponseWriter, *http.Request) {
				both.Done()
				both.Wait()
				panic("boom")
			})
			p := w.dial()
			p.sendAll(get(1), get(2), get(3))
			ends := 0
			for ends < 3 {
				r, err := p.next()
				require.NoError(w, err)
				if r == fin(r.ID, 1) {
					ends++
				}
			}
			p.wantIdle("the connection goes on")
		}},
		{"runtime.Goexit after the head: broken off, and the server goes on", func(w *world) {
			w.serve(func(w http.ResponseWriter, _ *http.Request) {
				begun(w)
				runtime.Goexit()
			})
			for range 2 {
				p := w.dial()
				p.send(get(1)...)
				p.want("what was flushed", stdout(1, begunPage))
				r, err := p.next()
				require.NoError(w, err)
				require.Contains(w, r.Content, "runtime.Goexit called by the handler")
				p.wantBroken("no clean end")
			}
		}},
		{"runtime.Goexit on a connection that others share: they go on", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					echo(rw, r)
					return
				}
				runtime.Goexit()
			})
			p := w.dial()
			p.sendAll(post(2, 2), get(1))
			_, log, last := p.streams("an end that tells", 1)
			require.Contains(w, log, "runtime.Goexit called by the handler")
			require.Equal(w, fin(1, 1), last)
			p.send(stdin(2, "ok"), stdin(2, ""))
			p.want("the other answer", answer(2, "POST ok")...)
		}},
	})
}

func TestStderr(t *testing.T) {
	log := func(r *http.Request, s string) { io.WriteString(gateway.Stderr(r), s) }
	play(t, []row{
		{"it has records of its own, and ends with an empty one", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				log(r, "before")
				begun(rw)
				log(r, "middle")
				io.WriteString(rw, "more")
				log(r, "after")
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("in the order of writing, since each is sent at once",
				stderr(1, "before"), stdout(1, begunPage), stderr(1, "middle"), stderr(1, "after"),
				stdout(1, "more"), stderr(1, ""), stdout(1, ""), fin(1, 0))
		}},
		{"it is sent while the handler runs", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				log(r, "now")
				<-release
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("at once", stderr(1, "now"))
			release <- true
			p.want("the rest", stdout(1, strings.Replace(page(""), "Content-Type: text/plain; charset=utf-8\r\n", "", 1)), stderr(1, ""), stdout(1, ""), fin(1, 0))
		}},
		{"a long text comes in several records, as web servers log them", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				log(r, strings.Repeat("x", 20000))
			})
			p := w.dial()
			p.send(get(1)...)
			x := strings.Repeat("x", 8192)
			p.want("8 KiB each", stderr(1, x), stderr(1, x), stderr(1, x[:20000-2*8192]))
		}},
		{"nothing written is no stream", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				log(r, "")
				echo(rw, r)
			})
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer alone", answer(1, "GET ")...)
		}},
		{"a write after the end of the request fails", func(w *world) {
			writers := make(chan io.Writer, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) { writers <- gateway.Stderr(r) })
			p := w.dial()
			p.send(get(1)...)
			_, _, last := p.streams("the answer", 1)
			require.Equal(w, fin(1, 0), last)
			n, err := receive(w, "the handler runs", writers).Write([]byte("late"))
			require.Error(w, err)
			require.Zero(w, n)
			p.wantIdle("nothing was sent")
		}},
		{"never after the end of STDOUT, however many write it", func(w *world) {
			var logging sync.WaitGroup
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				out := gateway.Stderr(r)
				for range 2 {
					logging.Go(func() {
						for err := error(nil); err == nil; {
							_, err = io.WriteString(out, "x")
						}
					})
				}
				log(r, "x")
			})
			p := w.dial()
			for range 50 {
				p.send(get(1)...)
				over := ""
				for {
					r, err := p.next()
					require.NoError(w, err)
					if r == fin(1, 0) {
						break
					}
					require.False(w, over != "" && r.Type == stderr(1, "").Type, "a STDERR record after the end of %s", over)
					if r == stderr(1, "") {
						over = "STDERR"
					}
				}
				logging.Wait()
			}
		}},
	})
}

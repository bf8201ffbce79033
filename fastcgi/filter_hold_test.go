package fastcgi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// TestFilterHolds shows that nothing is sent before the end of STDIN.
func TestFilterHolds(t *testing.T) {
	const size = 1 << 20
	out := func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, "out") }
	play(t, []row{
		{"a handler that writes at once waits for it, then not for DATA", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				begun(rw)
				filtered(rw, r)
			})
			p := w.dial()
			p.sendAll(filter(1, "POST", size, 4), []msg{stdin(1, "x")})
			p.wantIdle("not before")
			body, _ := block(1, size-1)
			p.sendAll(body)
			p.wantIdle("nor while it comes")
			p.send(stdin(1, ""))
			p.want("as soon as it is complete", stdout(1, begunPage))
			p.send(data(1, "data"), data(1, ""))
			rest, _, last := p.streams("the rest", 1)
			require.Contains(w, rest, `<nil> 4 "data" <nil>`)
			require.Greater(w, len(rest), size, "the body was set aside")
			require.Equal(w, fin(1, 0), last)
		}},
		{"also one that has nothing to say", func(w *world) {
			w.filtering(func(http.ResponseWriter, *http.Request) {})
			p := w.dial()
			p.send(filter(1, "POST", 2, 4)...)
			p.wantIdle("no head, and no end")
			p.send(stdin(1, "in"), stdin(1, ""))
			p.want("the answer", stdout(1, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n"), stdout(1, ""), fin(1, 0))
			p.send(data(1, "data"), data(1, ""))
			p.wantIdle("the rest is ignored")
		}},
		{"its log waits, too", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				io.WriteString(gateway.Stderr(r), "log")
				out(rw, r)
			})
			p := w.dial()
			p.send(filter(1, "POST", 0, 4)...)
			p.wantIdle("not before")
			p.send(stdin(1, ""))
			p.want("the log", stderr(1, "log"))
			p.want("the page", stdout(1, page("out")), stderr(1, ""), stdout(1, ""), fin(1, 0))
		}},
		{"and so does the answer to variables that do not parse", func(w *world) {
			w.filtering(w.notRun)
			p := w.dial()
			p.send(beginAs(1, record.Filter, record.KeepConn), params(1, "\x05\x00ab"), params(1, ""), stdin(1, "x"))
			p.wantIdle("not before")
			p.send(stdin(1, ""))
			p.wantRefusal("the answer", 1, "400 Bad Request")
		}},
		{"with another goroutine of the handler reading the body", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				read := make(chan int64)
				go func() {
					n, _ := io.Copy(io.Discard, r.Body)
					read <- n
				}()
				w.settle()
				begun(rw)
				fmt.Fprint(rw, <-read)
			})
			p := w.dial()
			p.send(filter(1, "POST", size, 4)...)
			p.wantIdle("not before")
			body, _ := block(1, size)
			p.sendAll(body, []msg{stdin(1, "")})
			p.want("then", stdout(1, begunPage))
			rest, _, _ := p.streams("the rest", 1)
			require.Equal(w, fmt.Sprint(size), rest)
		}},
		{"others on the connection do not wait", func(w *world) {
			w.filtering(out)
			p := w.dial()
			p.sendAll(filter(1, "POST", 2, 4), get(2))
			p.want("a Responder", answer(2, "GET ")...)
			p.sendAll(filter(3, "POST", 2, 4), []msg{stdin(3, "in"), stdin(3, "")})
			p.want("another Filter", answer(3, "out")...)
			p.send(stdin(1, "in"), stdin(1, ""))
			p.want("the one that had to wait", answer(1, "out")...)
		}},
		{"ABORT_REQUEST ends the wait", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) { begun(rw) })
			p := w.dial()
			p.send(filter(1, "POST", 2, 4)...)
			p.wantIdle("it waits")
			p.send(abort(1))
			p.want("one end, without output", aborted(1)...)
			p.send(get(1)...)
			p.want("the id is free", answer(1, "GET ")...)
		}},
		{"and so does a web server that leaves", func(w *world) {
			told := make(chan error, 1)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				_, err := rw.Write(make([]byte, 10000))
				told <- errors.Join(err, r.Context().Err())
			})
			p := w.dial()
			p.send(filter(1, "POST", 2, 4)...)
			p.wantIdle("it waits")
			p.Close()
			receive(w, "the wait ends", told)
			require.NoError(w, w.srv.Shutdown(w.Context()))
		}},
		{"and the deadline of the handler for its writes", func(w *world) {
			told := make(chan error, 1)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				require.NoError(w, http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(time.Millisecond)))
				_, err := rw.Write(make([]byte, 10000))
				told <- err
			})
			p := w.dial()
			p.send(filter(1, "POST", 2, 4)...)
			require.ErrorIs(w, receive(w, "the wait ends", told), os.ErrDeadlineExceeded)
		}},
		{"a body over MaxSpool fails for its reader, and the output comes after its end", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				begun(rw)
				_, err := io.Copy(io.Discard, r.Body)
				fmt.Fprint(rw, errors.Is(err, fastcgi.ErrSpoolFull))
			}, func(s *fastcgi.Server) { s.MaxSpool = size / 2 })
			p := w.dial()
			body, _ := block(1, size)
			p.sendAll(filter(1, "POST", size, 4), body)
			p.wantIdle("not before")
			p.send(stdin(1, ""))
			p.want("then", stdout(1, begunPage), stdout(1, "true"), stdout(1, ""), fin(1, 0))
		}},
	})
	play(t, []row{
		{"a web server that ends its side inside STDIN gets what there is to say", func(w *world) {
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				_, err := io.ReadAll(r.Body)
				fmt.Fprint(rw, err)
			})
			p := w.dial()
			p.sendAll(filter(1, "POST", 9, 4), []msg{stdin(1, "in")})
			p.closeWrite()
			p.want("the answer", answer(1, "unexpected EOF")...)
			p.wantClosed("after it")
		}},
	}, onUnix)
}

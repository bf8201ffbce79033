package fastcgi_test

import (
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// aborted is the answer to a request that was aborted: an end, and one only.
func aborted(id uint16) []msg { return []msg{stdout(id, ""), fin(id, 1)} }

func TestAbort(t *testing.T) {
	play(t, []row{
		{"before the end of PARAMS: answered at once, without the handler", func(w *world) {
			w.serve(func(http.ResponseWriter, *http.Request) { w.Error("the handler runs") })
			p := w.dial()
			p.send(begin(1), params(1, "half of a p"), abort(1))
			p.want("the end", fin(1, 0))
			p.send(params(1, "air"), params(1, ""), stdin(1, ""))
			p.wantIdle("the rest of the request is ignored")
		}},
		{"before the end of PARAMS on a connection that is not kept: closed", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(beginLast(1), abort(1))
			p.want("the end", fin(1, 0))
			p.wantClosed("after the end")
		}},
		{"together with the request: the handler finds its context ended", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.sendAll(get(1), []msg{abort(1)})
			p.want("one end", aborted(1)...)
			receive(w, "the handler runs", told)
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
			p.wantIdle("the connection goes on")
		}},
		{"while the handler waits for the end of its context", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			p.send(abort(1))
			p.want("one end", aborted(1)...)
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
			p.wantIdle("the connection goes on")
		}},
		{"while the handler looks at the error of its context now and then", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.polling(told))
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			p.send(abort(1))
			p.want("one end", aborted(1)...)
			p.wantIdle("the connection goes on")
		}},
		{"while the handler waits on a context derived from its own", func(w *world) {
			told := make(chan error, 2)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				ctx, cancel := context.WithTimeout(r.Context(), time.Hour)
				defer cancel()
				w.untilDone(told)(rw, r.WithContext(ctx))
			})
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			p.send(abort(1))
			p.want("one end", aborted(1)...)
			require.ErrorIs(w, receive(w, "the context ends", told), context.Canceled)
		}},
		{"while the handler reads its body", func(w *world) {
			told := make(chan error, 2)
			w.serve(func(_ http.ResponseWriter, r *http.Request) {
				told <- nil
				_, err := io.ReadAll(r.Body)
				told <- err
				<-r.Context().Done()
			})
			p := w.dial()
			p.sendAll(post(1, 10), []msg{stdin(1, "half ")})
			receive(w, "the handler runs", told)
			p.send(abort(1))
			require.ErrorContains(w, receive(w, "the read fails", told), "aborted by the web server")
			p.want("one end", aborted(1)...)
			p.wantIdle("the connection goes on")
		}},
		{"while the handler reads its body and another goroutine waits", func(w *world) {
			told, watched := make(chan error, 2), make(chan error, 2)
			w.serve(func(_ http.ResponseWriter, r *http.Request) {
				go w.untilDone(watched)(nil, r)
				<-watched
				told <- nil
				_, err := io.ReadAll(r.Body)
				told <- err
			})
			p := w.dial()
			p.send(post(1, 10)...)
			receive(w, "the handler reads", told)
			p.send(stdin(1, "half "), abort(1))
			require.ErrorContains(w, receive(w, "the read fails", told), "aborted by the web server")
			require.ErrorIs(w, receive(w, "the context ends", watched), context.Canceled)
			p.want("one end", aborted(1)...)
		}},
		{"while the handler computes and never looks: its answer is dropped", func(w *world) {
			told, release := make(chan error, 1), make(chan error)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				told <- nil
				<-release
				io.WriteString(rw, "nobody wants this")
			})
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			p.send(abort(1))
			p.wantIdle("no end before the handler has returned")
			release <- nil
			p.want("one end", aborted(1)...)
			p.wantIdle("and no second one")
		}},
		{"twice: one end", func(w *world) {
			told := make(chan error, 2)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.send(get(1)...)
			receive(w, "the handler runs", told)
			p.send(abort(1), abort(1))
			p.want("one end", aborted(1)...)
			p.wantIdle("and no second one")
		}},
		{"of one request among others: theirs go on", func(w *world) {
			told := make(chan error, 4)
			w.serve(w.untilDone(told))
			p := w.dial()
			p.sendAll(get(1), get(2))
			receive(w, "one handler runs", told)
			receive(w, "the other handler runs", told)
			p.send(abort(2))
			p.want("the one that was aborted", aborted(2)...)
			p.wantIdle("the other one goes on")
			p.send(abort(1))
			p.want("the other one", aborted(1)...)
		}},
		{"after which the id is free", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					<-r.Context().Done()
					return
				}
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(post(1, 5), []msg{abort(1)})
			p.want("one end", aborted(1)...)
			p.send(get(1)...)
			p.want("the next request", answer(1, "GET ")...)
		}},
	})
}

// TestAbortInTime is in memory, where time is exact: a handler is noticed to
// run after one millisecond at most, and has one more to read its body.
func TestAbortInTime(t *testing.T) {
	const soon = 2200 * time.Microsecond
	rows := func(end func(p *client)) func(w *world) {
		return func(w *world) {
			ended := make(chan time.Duration, 1)
			var left time.Time
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				for r.Context().Err() == nil {
					time.Sleep(50 * time.Microsecond) // it waits for nothing, and reads nothing
				}
				ended <- time.Since(left)
			})
			p := w.dial()
			p.sendAll(post(1, 1<<20), []msg{stdin(1, "some")})
			w.settle()
			left = time.Now()
			end(p)
			require.Less(w, receive(w, "the context ends", ended), soon)
		}
	}
	play(t, []row{
		{"ABORT_REQUEST", rows(func(p *client) { p.send(abort(1)) })},
		{"ABORT_REQUEST behind more of the body than is held in memory", rows(func(p *client) {
			body, _ := block(1, 200<<10)
			p.sendAll(body, []msg{abort(1)})
		})},
		{"the end of the connection", rows(func(p *client) { p.Close() })},
	}, memory)
}

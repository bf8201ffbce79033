package fastcgi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// TestDrainingRequests: what has arrived when the server begins to drain is
// answered, whole.
func TestDrainingRequests(t *testing.T) {
	play(t, []row{
		{"those that come while others of the connection are answered", func(w *world) {
			var p *client
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "PUT" {
					p.sendAll(get(4), get(5))
				}
				echo(rw, r)
			})
			p = w.dial()
			p.wantIdle("it is accepted")
			done := w.shutdown()
			w.refusing()
			last := []msg{begin(3), params(3, vars("PUT", "CONTENT_LENGTH", "")), params(3, ""), stdin(3, "")}
			p.sendAll(get(1), get(2), last)
			want := map[uint16]string{1: page("GET "), 2: page("GET "), 3: page("PUT "), 4: page("GET "), 5: page("GET ")}
			require.Equal(w, want, p.answers("all of them", len(want)))
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
		{"also one that another goroutine of its handler still reads", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				go io.Copy(io.Discard, r.Body)
				running <- true
				<-release
				rw.Write(make([]byte, 1<<20))
			})
			p := w.dial()
			p.send(post(1, 1<<20)...)
			receive(w, "the handler runs", running)
			done := w.shutdown()
			w.refusing()
			release <- true
			w.pass()
			p.send(stdin(1, strings.Repeat("x", 32<<10)))
			w.pass()
			out, _, last := p.streams("the answer", 1)
			require.Len(w, out[strings.Index(out, "\r\n\r\n")+4:], 1<<20)
			require.Equal(w, record.EndRequest, last.Type)
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}},
	})
}

// TestDrainingIdle: no connection without a request keeps the server from its
// end, nor others from theirs.
func TestDrainingIdle(t *testing.T) {
	var rows []row
	for why, chat := range map[string][]msg{
		"one on which questions are asked":          {getValues("FCGI_MPXS_CONNS")},
		"one on which requests begin and are ended": {begin(2), abort(2)},
		"one on which requests have no role":        {beginAs(3, 9, record.KeepConn)},
	} {
		rows = append(rows, row{why, func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			go io.Copy(io.Discard, p)
			time.Sleep(time.Second)
			done := w.shutdown()
			start := time.Now()
			for _, err := p.Write(bytesOf(chat...)); err == nil; _, err = p.Write(bytesOf(chat...)) {
				require.Less(w, time.Since(start), 10*time.Second)
				time.Sleep(200 * time.Millisecond)
			}
			p.Close()
			require.NoError(w, receive(w, "it ends", done))
		}})
	}
	rows = append(rows, row{"one whose body is waited for", func(w *world) {
		w.serve(func(http.ResponseWriter, *http.Request) {})
		waiting, idle := w.dial(), w.dial()
		waiting.send(post(1, 10)...)
		waiting.streams("an early answer", 1)
		time.Sleep(time.Millisecond)
		idle.send(get(1)...)
		idle.streams("the other answer", 1)
		time.Sleep(time.Second)
		done := w.shutdown()
		start := time.Now()
		idle.wantClosed("it is idle")
		require.Less(w, time.Since(start), time.Second)
		waiting.Close()
		require.NoError(w, receive(w, "it ends", done))
	}})
	play(t, rows, memory)
}

// TestAnswerThatWaits: the end of an answer that the peer does not read yet
// holds up no other request.
func TestAnswerThatWaits(t *testing.T) {
	play(t, []row{{"the body of another is taken", func(w *world) {
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == "POST" {
				r.Context().Done() // others read from here on
			}
			io.Copy(io.Discard, r.Body)
			rw.Write(make([]byte, 3000))
		})
		p := w.dial()
		p.send(post(1, 1<<20)...)
		for id := uint16(2); id < 102; id++ {
			p.send(get(id)...)
			w.settle()
		}
		done := make(chan bool)
		go func() {
			defer close(done)
			for range 32 {
				p.Write(bytesOf(stdin(1, strings.Repeat("x", 32<<10))))
			}
			p.Write(bytesOf(stdin(1, "")))
		}()
		receive(w, "all of it", done)
		require.Len(w, p.answers("all answers", 101), 101)
	}}}, memory)
}

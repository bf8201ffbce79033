package fastcgi_test

import (
	"io"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

func TestDeadlines(t *testing.T) {
	const soon = 20 * time.Millisecond
	play(t, []row{
		{"a read of the body that waits ends at the deadline, and not the connection", func(w *world) {
			reads := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				require.NoError(w, http.NewResponseController(rw).SetReadDeadline(time.Now().Add(soon)))
				_, err := io.ReadAll(r.Body)
				reads <- err
				io.WriteString(rw, "too slow")
			})
			p := w.dial()
			p.sendAll(post(1, 10), []msg{stdin(1, "half ")})
			require.ErrorIs(w, receive(w, "the read fails", reads), os.ErrDeadlineExceeded)
			p.want("the answer", answer(1, "too slow")...)
			p.wantIdle("the connection goes on")
		}},
		{"also one that waited before the deadline was set", func(w *world) {
			reads, reading := make(chan error, 1), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				go func() {
					r.Body.Read(make([]byte, 5))
					reading <- true
					_, err := r.Body.Read(make([]byte, 5))
					reads <- err
				}()
				<-reading
				w.pass()
				require.NoError(w, http.NewResponseController(rw).SetReadDeadline(time.Now().Add(soon)))
				require.ErrorIs(w, receive(w, "the read fails", reads), os.ErrDeadlineExceeded)
				io.WriteString(rw, "too slow")
			})
			p := w.dial()
			p.sendAll(post(1, 10), []msg{stdin(1, "half ")})
			p.want("the answer", answer(1, "too slow")...)
			p.send(stdin(1, "late"), stdin(1, ""))
			p.wantIdle("the connection goes on")
		}},
		{"a deadline that is taken back bounds nothing", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				c := http.NewResponseController(rw)
				require.NoError(w, c.SetReadDeadline(time.Now().Add(time.Hour)))
				require.NoError(w, c.SetReadDeadline(time.Time{}))
				echo(rw, r)
			})
			p := w.dial()
			p.send(post(1, 4)...)
			w.pass()
			p.send(stdin(1, "body"), stdin(1, ""))
			p.want("the answer", answer(1, "POST body")...)
		}},
		{"a write after the deadline costs its own request", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					echo(rw, r)
					return
				}
				begun(rw)
				require.NoError(w, http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(-time.Second)))
				_, err := rw.Write(make([]byte, 10000))
				require.ErrorIs(w, err, os.ErrDeadlineExceeded)
			})
			p := w.dial()
			p.sendAll(post(2, 4), get(1))
			p.want("what came before, and an end that tells", stdout(1, begunPage), stdout(1, ""), fin(1, 1))
			p.send(stdin(2, "body"), stdin(2, ""))
			p.want("the other answer", answer(2, "POST body")...)
		}},
		{"a write that waits ends at the deadline, with the connection", func(w *world) {
			writes := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				require.NoError(w, http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(soon)))
				_, err := rw.Write(make([]byte, 16<<20))
				writes <- err
			})
			p := w.dial()
			p.send(get(1)...)
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
			io.Copy(io.Discard, p)
		}},
	})
}

// TestReadDeadlineMeetsReturn runs on one processor, so that the read that the
// deadline ends goes on only when the handler has returned.
func TestReadDeadlineMeetsReturn(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	play(t, []row{{"a deadline that a handler sets just before it returns, with an answer that waits, leaves the connection whole", func(w *world) {
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				io.WriteString(rw, "next")
				return
			}
			go r.Body.Read(make([]byte, 10))
			rw.Write(make([]byte, memconn.Size-4<<10))
			rw.Write(make([]byte, 6<<10)) // for which there is no room until the peer reads
			w.pass()
			require.NoError(w, http.NewResponseController(rw).SetReadDeadline(time.Now()))
		})
		p := w.dial()
		p.send(post(1, 10)...)
		time.Sleep(time.Second)
		_, _, last := p.streams("the answer", 1)
		require.Equal(w, fin(1, 0), last)
		p.sendAll([]msg{stdin(1, "")}, get(2))
		p.want("the next request is answered", answer(2, "next")...)
	}}}, memory)
}

package fastcgi_test

import (
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// setLate sets a deadline that has passed, in a while.
func (w *world) setLate(rw http.ResponseWriter) chan error {
	set := make(chan error, 1)
	go func() {
		w.pass()
		set <- http.NewResponseController(rw).SetWriteDeadline(time.Now())
	}()
	return set
}

func TestWriteDeadlines(t *testing.T) {
	const soon = 20 * time.Millisecond
	play(t, []row{
		{"a write that waits for the peer ends at a deadline that another goroutine sets", func(w *world) {
			writes, sets := make(chan error, 1), make(chan chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				sets <- w.setLate(rw)
				_, err := rw.Write(endless)
				writes <- err
			})
			p := w.dial()
			p.send(get(1)...)
			require.NoError(w, receive(w, "it is set without waiting", receive(w, "the handler runs", sets)))
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
			io.Copy(io.Discard, p)
		}},
		{"so does one to the error stream", func(w *world) {
			writes := make(chan error, 1)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				require.NoError(w, http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(soon)))
				_, err := gateway.Stderr(r).Write(endless)
				writes <- err
			})
			p := w.dial()
			p.send(get(1)...)
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
			io.Copy(io.Discard, p)
		}},
		{"so does that of a Filter that waits for the end of STDIN", func(w *world) {
			writes := make(chan error, 1)
			w.filtering(func(rw http.ResponseWriter, r *http.Request) {
				w.setLate(rw)
				_, err := rw.Write(make([]byte, 100<<10))
				writes <- err
			})
			p := w.dial()
			p.send(filter(1, "POST", 10, 4)...)
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
		}},
		{"an Authorizer that is too late with its refusal does not allow", func(w *world) {
			w.authorizing(func(rw http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Wait") != "" {
					<-r.Context().Done()
					return
				}
				require.NoError(w, http.NewResponseController(rw).SetWriteDeadline(time.Now()))
				rw.WriteHeader(http.StatusForbidden)
			})
			p := w.dial()
			p.sendAll(ask(1, record.KeepConn, "HTTP_WAIT", "for ever"), ask(2, record.KeepConn))
			out, _, last := p.streams("the answer", 2)
			require.Contains(w, out, "Status: 500 ")
			require.Equal(w, fin(2, 1), last)
		}},
	})
}

// TestWriteDeadlineOfTurns is about requests that share a connection whose peer
// does not read. It is in memory, where it is known what has been written.
func TestWriteDeadlineOfTurns(t *testing.T) {
	const soon = 20 * time.Millisecond
	// beside starts a server that writes a large answer to GET, and calls write
	// for POST while that waits. The outcome is in writes.
	beside := func(w *world, write func(rw http.ResponseWriter, r *http.Request) error) (p *client, writes chan error) {
		writes = make(chan error, 1)
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			if r.Method == "GET" {
				rw.Write(make([]byte, 1<<20))
				return
			}
			w.pass()
			writes <- write(rw, r)
		})
		p = w.dial()
		p.sendAll(post(2, 1), get(1))
		return p, writes
	}
	// wantBoth expects the end of both requests, that of GET as it should be.
	wantBoth := func(p *client, last msg) {
		ends := map[msg]bool{}
		for len(ends) < 2 {
			r, err := p.next()
			require.NoError(p, err)
			if r.Type == last.Type {
				ends[r] = true
			}
		}
		require.Equal(p, map[msg]bool{fin(1, 0): true, last: true}, ends)
		p.send(stdin(2, ""))
		p.wantIdle("the connection goes on")
	}
	var rows []row
	for _, r := range []struct {
		what  string
		write func(c *http.ResponseController, rw io.Writer) error
	}{
		{"a large write", func(_ *http.ResponseController, rw io.Writer) error {
			_, err := rw.Write(make([]byte, 100<<10))
			return err
		}},
		{"a flush", func(c *http.ResponseController, _ io.Writer) error { return c.Flush() }},
	} {
		rows = append(rows, row{r.what + " waits for its turn until the deadline, which is set without waiting, and costs its own request", func(w *world) {
			p, writes := beside(w, func(rw http.ResponseWriter, _ *http.Request) error {
				c, start := http.NewResponseController(rw), time.Now()
				require.NoError(w, c.SetWriteDeadline(start.Add(soon)))
				err := r.write(c, rw)
				require.Equal(w, soon, time.Since(start))
				return err
			})
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
			wantBoth(p, fin(2, 1))
		}})
	}
	play(t, append(rows,
		row{"STDERR, too, and what STDOUT has to say is not lost with it", func(w *world) {
			p, writes := beside(w, func(rw http.ResponseWriter, r *http.Request) error {
				c := http.NewResponseController(rw)
				require.NoError(w, c.SetWriteDeadline(time.Now().Add(soon)))
				_, err := io.WriteString(gateway.Stderr(r), "late")
				return errors.Join(err, c.SetWriteDeadline(time.Time{}))
			})
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
			wantBoth(p, fin(2, 0))
		}},
		row{"several that do not wait any more hold up nobody", func(w *world) {
			p, writes := beside(w, func(rw http.ResponseWriter, r *http.Request) (err error) {
				c := http.NewResponseController(rw)
				for range 3 {
					require.NoError(w, c.SetWriteDeadline(time.Now().Add(soon)))
					_, err = io.WriteString(gateway.Stderr(r), "late")
				}
				return errors.Join(err, c.SetWriteDeadline(time.Time{}))
			})
			p.send(getValues("FCGI_MAX_REQS"))
			require.ErrorIs(w, receive(w, "the write fails", writes), os.ErrDeadlineExceeded)
			asked, ends := 0, 0
			for asked+ends < 3 {
				switch r, err := p.next(); {
				case err != nil:
					require.NoError(w, err)
				case r.ID == 0:
					asked++
				case r.Type == fin(1, 0).Type:
					ends++
				}
			}
			require.Equal(w, 2, ends)
		}},
		row{"one that is taken back bounds nothing", func(w *world) {
			p, writes := beside(w, func(rw http.ResponseWriter, r *http.Request) error {
				c := http.NewResponseController(rw)
				require.NoError(w, c.SetWriteDeadline(time.Now().Add(soon)))
				go func() {
					w.pass()
					c.SetWriteDeadline(time.Time{})
				}()
				_, err := rw.Write(make([]byte, 100<<10))
				return err
			})
			time.Sleep(time.Second)
			wantBoth(p, fin(2, 0))
			require.NoError(w, receive(w, "it has not failed", writes))
		}},
	), memory)
}

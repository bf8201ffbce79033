package fastcgi_test

import (
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// endless is a response that is larger than what any socket holds.
var endless = make([]byte, 64<<20)

// TestBlockedResponse is about a peer that does not read.
func TestBlockedResponse(t *testing.T) {
	play(t, []row{
		{"a response that nobody takes holds up no input: neither a body nor an ABORT, and questions wait beside it", func(w *world) {
			told, blocked := make(chan error, 3), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				switch r.Method {
				case "GET":
					begun(rw)
					blocked <- true
					rw.Write(endless)
				case "POST":
					_, err := io.ReadAll(r.Body)
					told <- err
				default:
					w.untilDone(told)(rw, r)
				}
			})
			p := w.dial()
			p.send(begin(3), params(3, vars("WAIT")), params(3, ""), stdin(3, ""))
			receive(w, "one handler waits for the end of its context", told)
			p.sendAll(post(2, 4), get(1))
			receive(w, "one begins to write", blocked)
			p.want("this much is read", stdout(1, begunPage))
			w.pass()
			const questions = 100
			for range questions {
				p.send(getValues("FCGI_MAX_REQS"))
			}
			p.send(begin(4), abort(4), stdin(2, "body"), stdin(2, ""))
			require.NoError(w, receive(w, "one reads its body", told))
			p.send(abort(3))
			require.Error(w, receive(w, "one is aborted", told))
			ends, answers := map[uint16]bool{}, 0
			for len(ends) < 4 {
				r, err := p.next()
				require.NoError(w, err)
				switch r.Type {
				case fin(1, 0).Type:
					ends[r.ID] = true
				case valuesResult().Type:
					require.Equal(w, valuesResult("FCGI_MAX_REQS", "256"), r)
					answers++
				}
			}
			require.Equal(w, questions, answers, "all are answered")
			p.wantIdle("once")
		}},
		{"an answer comes between the pieces of a response", func(w *world) {
			blocked := make(chan bool)
			w.serve(func(rw http.ResponseWriter, _ *http.Request) {
				begun(rw)
				blocked <- true
				rw.Write(endless)
			})
			p := w.dial()
			p.send(get(1)...)
			receive(w, "it begins", blocked)
			p.want("its first bytes", stdout(1, begunPage))
			w.pass()
			p.send(getValues("FCGI_MAX_REQS"))
			n := 0
			for {
				r, err := p.next()
				require.NoError(w, err)
				if r == valuesResult("FCGI_MAX_REQS", "256") {
					break
				}
				require.Equal(w, uint16(1), r.ID)
				n += len(r.Content)
			}
			require.Less(w, n, len(endless), "before the end")
		}},
	})
}

// TestBoundedAnswers is in memory, where what an unread connection holds is
// known.
func TestBoundedAnswers(t *testing.T) {
	for _, r := range []struct {
		why   string
		begin []msg
		again []msg
	}{
		{"questions, beside a request", post(1, 1), []msg{getValues("FCGI_MAX_REQS")}},
		{"questions, and no request", nil, []msg{getValues("FCGI_MAX_REQS")}},
		{"records of an unknown type, beside a request", post(1, 1), []msg{{77, 0, ""}}},
		{"requests that are refused", post(1, 1), []msg{begin(2), params(2, "")}},
		{"requests that are refused and aborted", post(1, 1), []msg{begin(2), abort(2)}},
		{"requests of an unknown role", post(1, 1), []msg{beginAs(2, 9, 1)}},
		{"requests that are aborted before their variables are complete", nil, []msg{begin(2), abort(2)}},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{{"are no more taken when nobody reads the answers", func(w *world) {
				w.serve(func(rw http.ResponseWriter, r *http.Request) {
					<-r.Context().Done()
				}, func(s *fastcgi.Server) { s.MaxRequests = 1 })
				p := w.dial()
				p.send(r.begin...)
				w.settle()
				before := live()
				var taken atomic.Int64
				again := []byte(strings.Repeat(string(bytesOf(r.again...)), 100))
				go func() {
					for {
						n, err := p.Write(again)
						if taken.Add(int64(n)); err != nil {
							return
						}
					}
				}()
				time.Sleep(time.Second)
				w.settle()
				first := taken.Load()
				time.Sleep(time.Minute)
				require.Equal(w, first, taken.Load(), "it has stopped")
				require.Less(w, first, int64(1<<20))
				require.Less(w, live()-before, int64(1<<20))
				_, err := io.CopyN(io.Discard, p, 4*memconn.Size)
				require.NoError(w, err)
				w.settle()
				require.Greater(w, taken.Load(), first, "it goes on as soon as they are read")
				p.reset()
			}}}, memory)
		})
	}
}

package fastcgi_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// wantFirst expects a small answer to end before one that h began to write
// before.
func (w *world) wantFirst(h http.HandlerFunc) {
	w.Helper()
	w.serve(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method == "GET" {
			io.WriteString(rw, "small")
			return
		}
		h(rw, r)
	})
	p := w.dial()
	p.send(begin(1), params(1, vars("PUT", "CONTENT_LENGTH", "0")), params(1, ""))
	w.pass()
	p.send(get(2)...)
	w.settle()
	for {
		r, err := p.next()
		require.NoError(w, err)
		if r.Type == record.EndRequest {
			require.EqualValues(w, 2, r.ID, "the first to end")
			return
		}
	}
}

// TestTurns is in memory, where it is known what has been written.
func TestTurns(t *testing.T) {
	play(t, []row{
		{"a small answer does not wait for the end of a large one, also of one written at once", func(w *world) {
			w.wantFirst(func(rw http.ResponseWriter, _ *http.Request) { rw.Write(make([]byte, 8<<20)) })
		}},
		{"nor for that of a large text on the error stream", func(w *world) {
			w.wantFirst(func(_ http.ResponseWriter, r *http.Request) { gateway.Stderr(r).Write(make([]byte, 8<<20)) })
		}},
		{"a handler that reads slowly holds up no request, when there are others", func(w *world) {
			release := make(chan bool)
			defer close(release)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				switch r.Method {
				case "GET":
					io.WriteString(rw, "small")
				case "PUT":
					<-release
				default:
					for n := 1; n > 0; time.Sleep(100 * time.Microsecond) {
						n, _ = r.Body.Read(make([]byte, 1))
					}
				}
			})
			p := w.dial()
			p.send(begin(1), params(1, vars("PUT", "CONTENT_LENGTH", "0")), params(1, ""))
			p.send(post(2, 1<<20)...)
			w.pass()
			start := time.Now()
			body, _ := block(2, 1<<20)
			p.sendAll(body, get(3))
			p.want("it is answered", answer(3, "small")...)
			require.Less(w, time.Since(start), 100*time.Millisecond)
			p.send(abort(2))
			_, _, last := p.streams("its end", 2)
			require.Equal(w, record.EndRequest, last.Type)
		}},
	}, memory)
}

func TestSeveral(t *testing.T) {
	play(t, []row{
		{"requests that come together are all answered", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.sendAll(get(1), get(3), get(2))
			want := page("GET ")
			require.Equal(w, map[uint16]string{1: want, 2: want, 3: want}, p.answers("each has its own answer", 3))
			p.wantIdle("each is answered once")
		}},
		{"their bodies may come in turns", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.sendAll(post(1, 6), post(2, 6))
			for i := range 5 {
				p.send(stdin(1, fmt.Sprint(i)), stdin(2, string(rune('a'+i))))
			}
			p.send(stdin(2, "f"), stdin(2, ""))
			p.want("the one that is whole", answer(2, "POST abcdef")...)
			p.send(stdin(1, "5"), stdin(1, ""))
			p.want("the other one", answer(1, "POST 012345")...)
		}},
		{"their PARAMS may come in turns", func(w *world) {
			w.serve(echo)
			p := w.dial()
			one, two := vars("GET", "CONTENT_LENGTH", "0"), vars("PUT", "CONTENT_LENGTH", "0")
			p.send(begin(1), begin(2), params(1, one[:10]), params(2, two[:20]), params(1, one[10:]), params(2, two[20:]), params(2, ""))
			p.want("the one that is whole", answer(2, "PUT ")...)
			p.send(params(1, ""))
			p.want("the other one", answer(1, "GET ")...)
		}},
		{"one whose handler takes its time does not delay another", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					<-release
				}
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(post(1, 2), []msg{stdin(1, "ok"), stdin(1, "")})
			for range 3 {
				p.send(get(2)...)
				p.want("the quick one", answer(2, "GET ")...)
			}
			release <- true
			p.want("the slow one", answer(1, "POST ok")...)
		}},
		{"one that waits for its body does not delay another", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(post(1, 2)...)
			for range 3 {
				p.send(get(2)...)
				p.want("the quick one", answer(2, "GET ")...)
			}
			p.send(stdin(1, "ok"), stdin(1, ""))
			p.want("the one that waited", answer(1, "POST ok")...)
		}},
		{"one waits for another that came with it", func(w *world) {
			met := make(chan string)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				select {
				case met <- "one":
				case <-met:
				}
				echo(rw, r)
			})
			p := w.dial()
			for range 3 {
				p.sendAll(get(1), get(2), get(3), get(4))
				require.Len(w, p.answers("all of them, in pairs", 4), 4)
			}
			p.wantIdle("each is answered once")
		}},
		{"one that ends its goroutine does not end those that came with it", func(w *world) {
			var gets atomic.Int32
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					runtime.Goexit()
				}
				if gets.Add(1) == 2 {
					<-release // the last on the connection could be broken off otherwise
				}
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(get(1), append(post(2, 0), stdin(2, "")), append(post(3, 0), stdin(3, "")), get(4))
			ends := map[msg]bool{}
			for len(ends) < 4 {
				r, err := p.next()
				require.NoError(w, err)
				if r.Type == fin(1, 0).Type {
					ends[r] = true
					if len(ends) == 3 {
						close(release)
					}
				}
			}
			require.Equal(w, map[msg]bool{fin(1, 0): true, fin(2, 1): true, fin(3, 1): true, fin(4, 0): true}, ends)
		}},
		{"the next request may follow while another runs", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				<-release
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll(get(1), get(2))
			release <- true
			first, err := p.next()
			require.NoError(w, err)
			id := first.ID
			p.want("the rest of the first answer", answer(id, "GET ")[1:]...)
			p.send(get(id)...)
			release <- true
			release <- true
			require.Len(w, p.answers("the answers that follow", 2), 2)
			p.wantIdle("three answers in all")
		}},
	})
}

func TestMaxRequests(t *testing.T) {
	limit := func(n int) func(*fastcgi.Server) { return func(s *fastcgi.Server) { s.MaxRequests = n } }
	play(t, []row{
		{"one more than MaxRequests is a 503 and FCGI_OVERLOADED, and the others go on", func(w *world) {
			w.serve(echo, limit(2))
			p := w.dial()
			p.sendAll(post(1, 2), post(2, 2), get(3))
			p.want("at once", overloaded(3)...)
			p.send(stdin(1, "ok"), stdin(1, ""))
			p.want("the first answer", answer(1, "POST ok")...)
			p.send(get(3)...)
			p.want("there is room again", answer(3, "GET ")...)
			p.send(stdin(2, "ok"), stdin(2, ""))
			p.want("the second answer", answer(2, "POST ok")...)
		}},
		{"with a limit of one, the next request finds room as soon as the answer is read", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				echo(rw, r)
			}, limit(-1))
			p := w.dial()
			for range 100 {
				p.send(get(1)...)
				p.want("the answer", answer(1, "GET ")...)
			}
		}},
		{"MaxRequests is 256 unless it is set", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for id := uint16(1); id <= 256; id++ {
				p.send(post(id, 1)...)
			}
			p.send(begin(300), params(300, ""))
			p.want("the 257th", overloaded(300)...)
		}},
	})
}

// TestUnreadAnswers is in memory, where what an unread connection holds is known.
func TestUnreadAnswers(t *testing.T) {
	play(t, []row{
		{"answers that nobody reads hold up the requests that follow", func(w *world) {
			var ran atomic.Int32
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				if r.Method == "POST" {
					io.ReadAll(r.Body)
					return
				}
				ran.Add(1)
				echo(rw, r)
			}, func(s *fastcgi.Server) { s.MaxRequests = 4 })
			p := w.dial()
			p.send(post(1, 1)...)
			p.wantIdle("one request waits for its body, so that no other is alone")
			go func() {
				for {
					if _, err := p.Write(bytesOf(get(2)...)); err != nil {
						return
					}
					w.settle()
				}
			}()
			time.Sleep(time.Second)
			small := len(bytesOf(answer(2, "GET ")...))
			require.LessOrEqual(w, int(ran.Load()), memconn.Size/small+4, "what the connection holds, and MaxRequests")
			p.reset()
		}},
		{"so do aborted requests, which have nothing to say but their end", func(w *world) {
			var ran atomic.Int32
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				ran.Add(1)
				if r.Method == "POST" {
					rw.Write(make([]byte, 1<<20))
				}
				<-r.Context().Done()
			}, func(s *fastcgi.Server) { s.MaxRequests = 4 })
			p := w.dial()
			p.send(post(1, 1)...)
			time.Sleep(time.Second)
			for id := uint16(2); id < 100; id++ {
				p.sendAll(get(id), []msg{abort(id)})
				w.settle()
			}
			require.LessOrEqual(w, int(ran.Load()), 4, "MaxRequests")
			p.reset()
		}},
	}, memory)
}

func TestManagement(t *testing.T) {
	play(t, []row{
		{"GET_VALUES before any request is answered in one record, with what was asked", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.MaxConns = 7 })
			p := w.dial()
			p.send(getValues("FCGI_MPXS_CONNS", "FCGI_MAX_CONNS", "FCGI_MAX_REQS"))
			p.want("all three", valuesResult("FCGI_MPXS_CONNS", "1", "FCGI_MAX_CONNS", "7", "FCGI_MAX_REQS", "256"))
			p.send(getValues("FCGI_MAX_REQS"))
			p.want("only one", valuesResult("FCGI_MAX_REQS", "256"))
			p.send(get(1)...)
			p.want("a request may follow", answer(1, "GET ")...)
		}},
		{"a server of one request at a time says so", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.MaxRequests = 1 })
			p := w.dial()
			p.send(getValues("FCGI_MAX_REQS", "FCGI_MPXS_CONNS", "FCGI_MAX_CONNS"))
			p.want("no bound of connections is no value", valuesResult("FCGI_MAX_REQS", "1", "FCGI_MPXS_CONNS", "0"))
		}},
		{"names that are not known, or none, have an empty answer", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(getValues("FCGI_NONE", ""), getValues())
			p.want("two answers", valuesResult(), valuesResult())
		}},
		{"values in GET_VALUES are ignored", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(msg{record.GetValues, 0, pairs("FCGI_MPXS_CONNS", "0")})
			p.want("the answer", valuesResult("FCGI_MPXS_CONNS", "1"))
		}},
		{"in the middle of a request: between its records, and while its handler runs", func(w *world) {
			running, release := make(chan bool), make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				running <- true
				<-release
				echo(rw, r)
			})
			p := w.dial()
			p.send(begin(1))
			p.wantIdle("after BEGIN_REQUEST")
			p.send(get(1)[1])
			p.wantIdle("after PARAMS")
			p.send(get(1)[2:]...)
			receive(w, "the handler runs", running)
			p.wantIdle("while it runs")
			release <- true
			p.want("the answer", answer(1, "GET ")...)
		}},
		{"asked the same thousands of times, the answer is bounded", func(w *world) {
			w.serve(echo)
			p := w.dial()
			var s string
			for len(s) < 65000 {
				s += pairs("FCGI_MAX_REQS", "")
			}
			p.send(msg{record.GetValues, 0, s})
			r, err := p.next()
			require.NoError(w, err)
			require.Equal(w, record.GetValuesResult, r.Type)
			p.wantIdle("one record")
		}},
		{"a management record of an unknown type is answered with FCGI_UNKNOWN_TYPE", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for _, typ := range []record.Type{0, 12, 77, 255, record.GetValuesResult, record.UnknownType} {
				p.send(msg{typ, 0, "whatever"})
				p.want("the type", msg{record.UnknownType, 0, string(record.AppendUnknownType(nil, typ))})
			}
			p.send(get(1)...)
			p.want("a request may follow", answer(1, "GET ")...)
		}},
		{"an unknown role is FCGI_UNKNOWN_ROLE", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for _, role := range []record.Role{0, 4, 65535} {
				p.send(beginAs(1, role, record.KeepConn), params(1, vars("GET")), params(1, ""), stdin(1, ""))
				p.want("at once", finAs(1, 0, record.UnknownRole))
			}
			p.wantIdle("the connection goes on")
		}},
		{"an unknown role on a connection that is not kept ends it", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(beginAs(1, 9, 0))
			p.want("at once", finAs(1, 0, record.UnknownRole))
			p.wantClosed("after it")
		}},
		{"flags that are not defined mean nothing", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(beginAs(1, record.Responder, 0xfe))
			p.send(get(1)[1:]...)
			p.want("the answer", answer(1, "GET ")...)
			p.wantClosed("FCGI_KEEP_CONN was not set")
		}},
	})
}

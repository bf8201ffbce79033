package fastcgi_test

import (
	"io"
	"math"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

func maxRequests(n int) func(*fastcgi.Server) {
	return func(s *fastcgi.Server) { s.MaxRequests = n }
}

func TestOverload(t *testing.T) {
	play(t, []row{
		{"nothing is sent before the end of PARAMS", func(w *world) {
			w.serve(echo, maxRequests(1))
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2)})
			p.send(getValues("FCGI_MPXS_CONNS"))
			p.want("not after BEGIN_REQUEST", valuesResult("FCGI_MPXS_CONNS", "0"))
			p.send(params(2, "no matter what"), stdin(2, "early"), getValues("FCGI_MPXS_CONNS"))
			p.want("nor after some of its records", valuesResult("FCGI_MPXS_CONNS", "0"))
			p.send(params(2, ""))
			p.want("but then", unshared(2)...)
			p.send(stdin(2, "late"), stdin(2, ""), params(2, ""), abort(2))
			p.send(stdin(1, "ok"), stdin(1, ""))
			p.want("what follows of it is ignored", answer(1, "POST ok")...)
			p.send(get(2)...)
			p.want("its id is free", answer(2, "GET ")...)
			w.wantLog("one line", "too many requests under way on the connection")
		}},
		{"a request that is refused and aborted has one end", func(w *world) {
			w.serve(echo, maxRequests(1))
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2), abort(2)})
			p.want("an end only, since nobody waits for a page", finAs(2, 0, record.CantMpxConn))
			p.send(abort(2), params(2, ""), stdin(2, ""), stdin(1, "ok"), stdin(1, ""))
			p.want("and no second one", answer(1, "POST ok")...)
		}},
		{"where there is room for one request in all, one beside it cannot share its connection, one elsewhere comes too early", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.MaxTotalRequests = 1 })
			p, other := w.dial(), w.dial()
			p.send(getValues("FCGI_MPXS_CONNS"))
			p.want("it is announced", valuesResult("FCGI_MPXS_CONNS", "0"))
			p.sendAll(post(1, 2), get(2))
			p.want("at once", unshared(2)...)
			other.send(get(1)...)
			other.want("at once", overloaded(1)...)
			p.sendAll([]msg{stdin(1, "ok"), stdin(1, "")})
			p.want("the answer", answer(1, "POST ok")...)
			p.send(get(2)...)
			p.want("there is room again", answer(2, "GET ")...)
		}},
		{"BEGIN_REQUEST of one that is refused is that of an active id", func(w *world) {
			w.serve(echo, maxRequests(1))
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2), begin(2)})
			_, err := io.Copy(io.Discard, p)
			require.NoError(w, err)
			w.awaitLog("what was wrong", "too many requests", "BEGIN_REQUEST of request 2, which is active")
		}},
		{"on a connection that is not kept, all that came before is answered, and then it ends", func(w *world) {
			w.serve(echo, maxRequests(1))
			p := w.dial()
			p.sendAll(post(1, 2), []msg{beginLast(2), stdin(1, "ok"), stdin(1, "")})
			p.want("the one under way", answer(1, "POST ok")...)
			p.send(params(2, ""))
			p.want("the one that was refused", unshared(2)...)
			p.wantClosed("FCGI_KEEP_CONN was not set")
		}},
		{"a peer that leaves without the PARAMS of what was refused leaves nothing behind", func(w *world) {
			w.serve(echo, maxRequests(1))
			p := w.dial()
			p.sendAll(post(1, 2), []msg{begin(2), beginLast(3), stdin(1, "ok"), stdin(1, "")})
			p.want("the one under way", answer(1, "POST ok")...)
			p.Close()
			require.NoError(w, w.srv.Shutdown(w.Context()))
		}},
		{"MaxTotalRequests bounds those of all connections", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.MaxTotalRequests = 2 })
			p, other := w.dial(), w.dial()
			p.send(getValues("FCGI_MAX_REQS"))
			p.want("it is announced", valuesResult("FCGI_MAX_REQS", "2"))
			p.sendAll(post(1, 2), post(2, 2))
			p.wantIdle("two are under way")
			other.send(get(1)...)
			other.want("the third one", overloaded(1)...)
			p.send(stdin(2, "ok"), stdin(2, ""))
			p.want("one is answered", answer(2, "POST ok")...)
			other.send(get(1)...)
			other.want("there is room again", answer(1, "GET ")...)
			p.send(abort(1))
			_, _, last := p.streams("the other one is aborted", 1)
			require.Equal(w, fin(1, 1), last)
			other.sendAll(post(1, 1), post(2, 1), get(3))
			other.want("two again, not three", overloaded(3)...)
			w.wantLog("a line for each connection", "too many requests under way on the server")
		}},
		{"also those whose PARAMS never end, whatever becomes of them", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) { s.MaxTotalRequests = 1 })
			for range 3 {
				p := w.dial()
				p.send(begin(1), params(1, "x"), abort(1))
				p.want("aborted", fin(1, 0))
				p.send(begin(1), params(1, "x"))
				p.send(getValues("FCGI_MPXS_CONNS"))
				p.want("it has arrived", valuesResult("FCGI_MPXS_CONNS", "0"))
				p.Close()
				other := w.dial()
				for out := ""; !strings.Contains(out, "200 OK"); {
					other.send(get(1)...)
					out, _, _ = other.streams("until the departure has been seen", 1)
				}
				other.Close()
			}
		}},
	})
}

// live returns the bytes of the heap that are in use.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// resident returns the bytes of memory that the process has from the system,
// after a forced collection and scavenge.
func resident() int64 {
	runtime.GC() // twice in all, for what pools hold
	debug.FreeOSMemory()
	s := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64()) - int64(s[1].Value.Uint64())
}

func TestMemoryOfHalfRequests(t *testing.T) {
	piece := strings.Repeat("x", 60000)
	for _, r := range []struct {
		why  string
		send func(p *client)
	}{
		{"1 MiB of BEGIN_REQUEST", func(p *client) {
			p.sendOfAll(func(id uint16) []msg { return []msg{begin(id)} })
		}},
		{"the same, with the beginning of PARAMS", func(p *client) {
			p.sendOfAll(func(id uint16) []msg { return []msg{begin(id), params(id, "\x0eREQUEST_METHOD")} })
		}},
		{"endless PARAMS", func(p *client) {
			p.send(begin(1))
			for range 500 {
				p.send(params(1, piece))
			}
		}},
		{"endless PARAMS of many requests", func(p *client) {
			for id := uint16(1); id <= 256; id++ {
				p.send(begin(id))
			}
			for range 2 {
				for id := uint16(1); id <= 256; id++ {
					p.send(params(id, piece))
				}
			}
		}},
		{"endless PARAMS of many requests in small records", func(p *client) {
			var all, more []byte
			for id := uint16(1); id <= 256; id++ {
				all, more = begin(id).append(all), params(id, "xxxx").append(more)
			}
			p.raw(all)
			for range 1050 {
				p.raw(more)
			}
		}},
		{"endless PARAMS in small records", func(p *client) {
			p.send(begin(1))
			small := bytesOf(params(1, piece[:8]))
			for range 1000 {
				p.raw([]byte(strings.Repeat(string(small), 200)))
			}
		}},
		{"an endless GET_VALUES, and another", func(p *client) {
			p.send(begin(1))
			for range 20 {
				p.send(msg{record.GetValues, 0, strings.Repeat(pairs("NONE", ""), 10000)})
				p.want("the answer", valuesResult())
			}
		}},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{{"grows the process by less than 4 MiB", func(w *world) {
				w.serve(w.notRun)
				p := w.dial()
				p.wantIdle("the connection is there")
				before := resident()
				r.send(p)
				p.wantIdle("all of it has arrived")
				require.Less(w, resident()-before, int64(4<<20))
			}}})
		})
	}
}

// sendOfAll sends records of every request id, those of a few together.
func (p *client) sendOfAll(records func(id uint16) []msg) {
	var b []byte
	for id := 1; id <= math.MaxUint16; id++ {
		b = append(b, bytesOf(records(uint16(id))...)...)
		if len(b) > 200 || id == math.MaxUint16 {
			p.raw(b)
			b = b[:0]
		}
	}
}

func TestMaxParamCount(t *testing.T) {
	small := vars("GET", "CONTENT_LENGTH", "0") // five variables, the longest of 23 bytes
	for _, r := range []struct {
		why, params string
		set         func(*fastcgi.Server)
		log         string
	}{
		{"exactly MaxParamCount variables", small, func(s *fastcgi.Server) { s.MaxParamCount = 5 }, ""},
		{"one more", small + pairs("A", ""), func(s *fastcgi.Server) { s.MaxParamCount = 5 }, "too many variables"},
		{"4096 variables", small + strings.Repeat("\x01\x00A", 4091), func(*fastcgi.Server) {}, ""},
		{"one more than 4096", small + strings.Repeat("\x01\x00A", 4092), func(*fastcgi.Server) {}, "too many variables"},
		{"one more than 4096, and no bound", small + strings.Repeat("\x01\x00A", 4092), func(s *fastcgi.Server) { s.MaxParamCount = -1 }, ""},
		{"names and values without a byte, which count", small + strings.Repeat("\x00\x00", 4092), func(*fastcgi.Server) {}, "too many variables"},
		{"exactly MaxParam bytes", small, func(s *fastcgi.Server) { s.MaxParam = 23 }, ""},
		{"one byte more", small + pairs("HTTP_X", strings.Repeat("x", 18)), func(s *fastcgi.Server) { s.MaxParam = 23 }, "variable of 24 bytes"},
		{"one that is too large counts before one that does not parse", small + pairs("HTTP_X", strings.Repeat("x", 18)) + "\x80\x00", func(s *fastcgi.Server) { s.MaxParam = 23 }, "variable of 24 bytes"},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{{"is an answer, or a 431 and one line in the log", func(w *world) {
				w.serve(echo, r.set)
				p := w.dial()
				p.send(begin(1), params(1, r.params), params(1, ""), stdin(1, ""))
				if r.log == "" {
					p.want("the answer", answer(1, "GET ")...)
					w.wantLog("nothing was wrong")
					return
				}
				p.wantRefusal("the answer", 1, "431 Request Header Fields Too Large")
				p.wantIdle("the connection goes on")
				w.wantLog("what was wrong", r.log)
			}}})
		})
	}
}

func TestMaxBodyBytes(t *testing.T) {
	limit := func(s *fastcgi.Server) { s.MaxBodyBytes = 4 }
	play(t, []row{
		{"declared larger: a 413 at once, without the handler, and the rest of it is dropped", func(w *world) {
			w.serve(w.notRun, limit)
			p := w.dial()
			p.send(post(1, 1<<20)...)
			out, log, last := p.streams("the answer", 1)
			require.True(w, strings.HasPrefix(out, "Status: 413 Request Entity Too Large\r\n"), "%q", out)
			require.Contains(w, log, "request body too large")
			require.Equal(w, fin(1, 0), last)
			p.send(stdin(1, strings.Repeat("x", 60000)), stdin(1, ""))
			p.wantIdle("the connection goes on")
			w.wantLog("what was wrong", "body of 1048576 bytes")
		}},
		{"exactly as large is fine", func(w *world) {
			w.serve(echo, limit)
			p := w.dial()
			p.sendAll(post(1, 4), []msg{stdin(1, "body"), stdin(1, "")})
			p.want("the answer", answer(1, "POST body")...)
		}},
		{"of unknown length: the read that goes beyond fails, as that of http.MaxBytesReader", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				body, err := io.ReadAll(r.Body)
				require.Equal(w, "body", string(body))
				var over *http.MaxBytesError
				require.ErrorAs(w, err, &over)
				http.Error(rw, "too much", http.StatusRequestEntityTooLarge)
			}, limit)
			p := w.dial()
			p.send(begin(1), params(1, vars("POST", "CONTENT_LENGTH", "")), params(1, ""), stdin(1, "bo"), stdin(1, "dy!"))
			out, _, last := p.streams("the answer", 1)
			require.True(w, strings.HasPrefix(out, "Status: 413 "), "%q", out)
			require.Equal(w, fin(1, 0), last)
			p.send(stdin(1, "and more"), stdin(1, ""))
			p.wantIdle("the connection goes on")
		}},
	})
}

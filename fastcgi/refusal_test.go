package fastcgi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// notRun is a handler for requests that must not reach one.
func (w *world) notRun(http.ResponseWriter, *http.Request) { w.Error("the handler runs") }

// wantRefusal expects a whole answer that refuses the request.
func (p *client) wantRefusal(why string, id uint16, status string) {
	p.Helper()
	out, _, last := p.streams(why, id)
	require.True(p, strings.HasPrefix(out, "Status: "+status+"\r\n"), "%s: %q", why, out)
	require.Equal(p, fin(id, 0), last, why)
}

func TestRefusedParams(t *testing.T) {
	for _, r := range []struct{ why, params, status, log string }{
		{"no REQUEST_METHOD", pairs("REQUEST_URI", "/"), "400 Bad Request", "REQUEST_METHOD"},
		{"no variables at all", "", "400 Bad Request", "REQUEST_METHOD"},
		{"a length that is none", vars("POST", "CONTENT_LENGTH", "+5"), "400 Bad Request", "length \\\"+5\\\""},
		{"a pair that ends in its lengths", vars("GET") + "\x80\x00", "400 Bad Request", "ends in its lengths"},
		{"a name that is longer than what is there", vars("GET") + "\x05\x00ab", "400 Bad Request", "name of 5"},
		{"lengths whose sum overflows 32 bits", vars("GET") + "\xff\xff\xff\xff\xff\xff\xff\xffab", "400 Bad Request", "name of 2147483647 and a value of 2147483647"},
		{"a long length for a name that is not there", vars("GET") + "\x80\x00\x00\x05\x00", "400 Bad Request", "name of 5"},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{{"has an answer of its own and one line in the log", func(w *world) {
				w.serve(w.notRun)
				p := w.dial()
				p.send(begin(1))
				if r.params != "" {
					p.send(params(1, r.params))
				}
				p.send(params(1, ""), stdin(1, ""))
				p.wantRefusal("the answer", 1, r.status)
				p.wantIdle("the connection goes on")
				w.wantLog("what was wrong", r.log)
			}}})
		})
	}
}

func TestMaxParams(t *testing.T) {
	limit := func(n int) func(*fastcgi.Server) { return func(s *fastcgi.Server) { s.MaxParams = n } }
	small := vars("GET", "CONTENT_LENGTH", "0")
	play(t, []row{
		{"exactly MaxParams bytes are enough", func(w *world) {
			w.serve(echo, limit(len(small)))
			p := w.dial()
			p.send(begin(1), params(1, small), params(1, ""))
			p.want("the answer", answer(1, "GET ")...)
		}},
		{"one byte more is a 431, with one line in the log", func(w *world) {
			w.serve(w.notRun, limit(len(small)-1))
			p := w.dial()
			p.send(begin(1), params(1, small), params(1, ""), stdin(1, ""))
			p.wantRefusal("the answer", 1, "431 Request Header Fields Too Large")
			p.wantIdle("the connection goes on")
			w.wantLog("what was wrong", "larger than MaxParams")
		}},
		{"also in many small records, and nothing is sent before the end of PARAMS", func(w *world) {
			w.serve(w.notRun, limit(100))
			p := w.dial()
			p.send(begin(1))
			for range 200 {
				p.send(params(1, "x"))
			}
			p.wantIdle("no answer yet")
			p.send(params(1, ""), stdin(1, ""))
			p.wantRefusal("the answer", 1, "431 Request Header Fields Too Large")
			w.wantLog("what was wrong", "larger than MaxParams")
		}},
		{"those of several requests count together, as long as they are not complete", func(w *world) {
			w.serve(echo, limit(len(small)+20))
			p := w.dial()
			p.send(begin(1), params(1, small[:40]), begin(2), params(2, small), params(2, ""), stdin(2, ""))
			p.wantRefusal("there is no room for the second", 2, "431 Request Header Fields Too Large")
			p.send(params(1, small[40:]), params(1, ""))
			p.want("there is for the first", answer(1, "GET ")...)
			p.send(begin(2), params(2, small), params(2, ""))
			p.want("and then for another", answer(2, "GET ")...)
		}},
		{"MaxParams is 1 MiB unless it is set", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(begin(1))
			big := params(1, strings.Repeat("x", 60000))
			for n := 0; n <= 1<<20; n += 60000 {
				p.send(big)
			}
			p.send(params(1, ""), stdin(1, ""))
			p.wantRefusal("the answer", 1, "431 Request Header Fields Too Large")
		}},
		{"less than none is no bound", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { fmt.Fprint(rw, len(r.Header.Get("X"))) }, limit(-1))
			p := w.dial()
			p.send(begin(1))
			for rest := small + pairs("HTTP_X", strings.Repeat("x", 2<<20)); rest != ""; {
				n := min(len(rest), record.MaxContent)
				p.send(params(1, rest[:n]))
				rest = rest[n:]
			}
			p.send(params(1, ""), stdin(1, ""))
			p.want("the answer", answer(1, "2097152")...)
		}},
	})
}

func TestMalformed(t *testing.T) {
	raw := func(version uint8, r msg) []byte {
		b := bytesOf(r)
		b[0] = version
		return b
	}
	for _, r := range []struct {
		why  string
		sent []byte
		log  string
	}{
		{"a record of version 0", raw(0, begin(1)), "record of version 0"},
		{"a record of version 2", raw(2, begin(1)), "record of version 2"},
		{"what is no FastCGI at all", []byte("GET / HTTP/1.1\r\n\r\n"), "record of version 71, header \\\"GET / HT\\\""},
		{"BEGIN_REQUEST with request id 0", bytesOf(begin(0)), "FCGI_BEGIN_REQUEST record with request id 0"},
		{"PARAMS with request id 0", bytesOf(params(0, "x")), "FCGI_PARAMS record with request id 0"},
		{"STDIN with request id 0", bytesOf(stdin(0, "")), "FCGI_STDIN record with request id 0"},
		{"a BEGIN_REQUEST of 7 bytes", bytesOf(msg{record.BeginRequest, 1, "1234567"}), "BEGIN_REQUEST of 7 bytes"},
		{"a BEGIN_REQUEST of 9 bytes", bytesOf(msg{record.BeginRequest, 1, "123456789"}), "BEGIN_REQUEST of 9 bytes"},
		{"an empty BEGIN_REQUEST", bytesOf(msg{record.BeginRequest, 1, ""}), "BEGIN_REQUEST of 0 bytes"},
		{"BEGIN_REQUEST of an active id", bytesOf(begin(1), begin(1)), "BEGIN_REQUEST of request 1, which is active"},
		{"GET_VALUES that do not parse", bytesOf(msg{record.GetValues, 0, "\x05"}), "GET_VALUES does not parse"},
		{"more STDIN before the end of PARAMS than is held", bytesOf(begin(1), stdin(1, strings.Repeat("x", 40000)), stdin(1, strings.Repeat("x", 40000))), "STDIN before the end of PARAMS"},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{
				{"costs its own connection, and one line in the log", func(w *world) {
					w.serve(echo)
					other := w.dial()
					other.wantIdle("it is there")
					p := w.dial()
					go p.Write(r.sent)
					got, err := p.next()
					require.Error(w, err, "got %v", got)
					w.awaitLog("what was wrong", r.log)
					other.send(get(1)...)
					other.want("another connection goes on", answer(1, "GET ")...)
					w.wantLog("one line", r.log)
				}},
				{"ends the contexts of the requests that share the connection", func(w *world) {
					told := make(chan error, 2)
					w.serve(w.untilDone(told))
					p := w.dial()
					p.send(get(9)...)
					receive(w, "the handler runs", told)
					go p.Write(r.sent)
					receive(w, "the context ends", told)
					w.awaitLog("what was wrong", r.log)
				}},
				{"and those of requests that came together with it", func(w *world) {
					told := make(chan error, 2)
					w.serve(w.untilDone(told))
					p := w.dial()
					go p.Write(append(bytesOf(get(9)...), r.sent...))
					receive(w, "the handler runs", told)
					receive(w, "the context ends", told)
					w.awaitLog("what was wrong", r.log)
				}},
				{"also when it is found by the handler's own read", func(w *world) {
					told := make(chan error, 2)
					w.serve(func(_ http.ResponseWriter, r *http.Request) {
						told <- nil
						_, err := r.Body.Read(make([]byte, 10))
						told <- err
						<-r.Context().Done()
					})
					p := w.dial()
					p.send(post(9, 5)...)
					receive(w, "the handler runs", told)
					go p.Write(append(bytes.Clone(r.sent), bytesOf(get(3)...)...))
					require.Error(w, receive(w, "the read fails", told))
					w.awaitLog("what was wrong", r.log)
					_, err := io.Copy(io.Discard, p)
					require.False(w, errors.Is(err, os.ErrDeadlineExceeded), "the connection ends")
					require.Empty(w, told, "what comes after it is no request")
				}},
			})
		})
	}
}

func TestVanish(t *testing.T) {
	sent := bytesOf(append(post(1, 3), stdin(1, "abc"), stdin(1, ""))...)
	head := len(bytesOf(post(1, 3)...))
	play(t, []row{
		{"a peer that closes after any number of bytes leaves nothing behind, and a log line", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
			})
			for i := range sent {
				before := len(w.log.lines())
				p := w.dial()
				p.raw(sent[:i])
				p.closeWrite()
				if i < head {
					p.wantClosed(fmt.Sprintf("after %d bytes", i))
				}
				p.Close()
				if w.form != memory || i >= head {
					continue
				}
				w.settle()
				lines := w.log.lines()[before:]
				if i == 0 {
					require.Empty(w, lines, "nothing was sent")
					continue
				}
				require.Len(w, lines, 1, "after %d bytes", i)
				require.Contains(w, lines[0], "fastcgi: connection ended ", "after %d bytes", i)
			}
			require.NoError(w, w.srv.Shutdown(w.Context()))
		}},
	})
	play(t, []row{
		{"the same with a reset, which is nobody's mistake", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
			for i := range sent {
				p := w.dial()
				p.raw(sent[:i])
				p.reset()
			}
			require.NoError(w, w.srv.Shutdown(w.Context()))
			w.wantLog("nothing was wrong")
		}},
	}, memory, onTCP)
}

func TestVanishBeforeBody(t *testing.T) {
	play(t, []row{
		{"a peer that leaves before the first byte of a body of unknown length has made no mistake", func(w *world) {
			w.serve(told)
			p := w.dial()
			p.send(begin(1), params(1, vars("POST", "CONTENT_LENGTH", "")), params(1, ""))
			p.wantIdle("all of it has arrived")
			p.Close()
			require.NoError(w, w.srv.Shutdown(w.Context()))
			w.wantLog("nothing was wrong")
		}},
		{"nor has one that aborts it", func(w *world) {
			w.serve(told)
			p := w.dial()
			p.send(begin(1), params(1, vars("POST", "CONTENT_LENGTH", "")), params(1, ""))
			p.wantIdle("all of it has arrived")
			p.send(abort(1))
			_, log, last := p.streams("one end", 1)
			require.Equal(w, fin(1, 1), last)
			require.Empty(w, log)
			p.wantIdle("the connection goes on")
			w.wantLog("nothing was wrong")
		}},
	})
}

package fastcgi_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// echo answers with the method and the body.
func echo(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	fmt.Fprintf(w, "%s %s", r.Method, body)
}

// exchange is a request after another, with everything that may stand between.
var exchange = struct {
	sent []byte
	want []msg // the last of them is written beside the others
}{
	bytesOf(append(append(post(1, 5), stdin(1, "he"), stdin(1, "llo"), stdin(1, ""), getValues("FCGI_MPXS_CONNS", "x")), get(1)...)...),
	append(append(answer(1, "POST hello"), answer(1, "GET ")...), valuesResult("FCGI_MPXS_CONNS", "1")),
}

// wantRest expects what comes after the first answer: the answer to the question
// anywhere in the other one, whose page it may cut in two.
func (p *client) wantRest(why string) {
	p.Helper()
	rest := exchange.want[3:]
	page, ends, question := rest[0], rest[1:len(rest)-1], rest[len(rest)-1]
	text, asked := "", false
	for text != page.Content || !asked {
		r, err := p.next()
		require.NoError(p, err, why)
		switch {
		case r == question && !asked:
			asked = true
		case text == page.Content:
			require.Equal(p, ends[0], r, why)
			ends = ends[1:]
		default:
			require.Equal(p, stdout(page.ID, r.Content), r, why)
			text += r.Content
			require.True(p, strings.HasPrefix(page.Content, text), "%s: %q", why, text)
		}
	}
	p.want(why, ends...)
}

func TestSplits(t *testing.T) {
	half := len(bytesOf(post(1, 5)...)) + len(bytesOf(stdin(1, "he"), stdin(1, "llo"), stdin(1, "")))
	play(t, []row{
		{"the same exchange, split in two at every byte", func(w *world) {
			w.serve(echo)
			for i := 1; i < len(exchange.sent); i++ {
				p := w.dial()
				why := fmt.Sprintf("split at byte %d", i)
				// The answer to the first request has to come before the second is sent.
				first := exchange.sent[:half]
				if i < half {
					p.raw(first[:i])
					w.settle()
					p.raw(first[i:])
					p.want(why, exchange.want[:3]...)
					p.raw(exchange.sent[half:])
				} else {
					p.raw(first)
					p.want(why, exchange.want[:3]...)
					p.raw(exchange.sent[half:i])
					w.settle()
					p.raw(exchange.sent[i:])
				}
				p.wantRest(why)
				p.Close()
			}
			w.wantLog("nothing was wrong")
		}},
		{"one byte at a time", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for i := range exchange.sent {
				if i == half {
					p.want("the first answer", exchange.want[:3]...)
				}
				p.raw(exchange.sent[i : i+1])
				w.settle()
			}
			p.wantRest("the second answer")
		}},
	})
}

func TestRecords(t *testing.T) {
	play(t, []row{
		{"PARAMS and STDIN in records of one byte each", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(begin(7))
			for _, c := range []byte(vars("POST", "CONTENT_LENGTH", "200", "HTTP_X", strings.Repeat("v", 200))) {
				p.send(params(7, string([]byte{c})))
			}
			p.send(params(7, ""))
			body := strings.Repeat("0123456789", 20)
			for _, c := range body {
				p.send(stdin(7, string(c)))
			}
			p.send(stdin(7, ""))
			p.want("the answer", answer(7, "POST "+body)...)
		}},
		{"padding of 255 bytes in every record", func(w *world) {
			w.serve(echo)
			p := w.dial()
			var b []byte
			for _, r := range append(post(1, 3), stdin(1, "abc"), stdin(1, "")) {
				b = record.AppendHeader(b, record.Header{Version: 1, Type: r.Type, ID: 1, Content: uint16(len(r.Content)), Padding: 255})
				b = append(b, r.Content...)
				b = append(b, strings.Repeat("\xff", 255)...)
			}
			p.raw(b)
			p.want("the answer", answer(1, "POST abc")...)
		}},
		{"records of 65535 bytes", func(w *world) {
			w.serve(func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(io.Discard, r.Body)
				fmt.Fprintln(w, len(r.Header.Get("X")), n, err)
			})
			p := w.dial()
			v := vars("POST", "CONTENT_LENGTH", "131070")
			x := record.MaxContent - len(v) - len(pairs("HTTP_X", strings.Repeat("x", 128))) + 128
			v += pairs("HTTP_X", strings.Repeat("x", x))
			require.Len(w, v, record.MaxContent)
			go func() {
				big := strings.Repeat("b", 65535)
				p.Write(bytesOf(begin(1), params(1, v), params(1, ""), stdin(1, big), stdin(1, big), stdin(1, "")))
			}()
			p.want("the answer", answer(1, fmt.Sprintln(x, 131070, nil))...)
		}},
		{"an id of more than one byte", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(get(65535)...)
			p.want("the answer", answer(65535, "GET ")...)
		}},
		{"an id is used again", func(w *world) {
			w.serve(echo)
			p := w.dial()
			for range 3 {
				p.send(get(1)...)
				p.want("the answer", answer(1, "GET ")...)
			}
		}},
		{"records of a request that is not active are ignored", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(params(1, "nonsense"), stdin(2, "x"), abort(3), stdin(2, ""), params(1, ""), msg{record.Data, 4, "x"}, msg{99, 5, "x"})
			p.wantIdle("none of them has an answer")
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			p.send(stdin(1, "late"), abort(1), stdin(1, ""))
			p.wantIdle("the request has ended")
			w.wantLog("none of them is wrong")
		}},
		{"records of an unknown type are ignored within a request", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(begin(1), msg{99, 1, "x"}, msg{record.Data, 1, "x"}, msg{record.Stdout, 1, "x"})
			p.send(get(1)[1:]...)
			p.want("the answer", answer(1, "GET ")...)
		}},
		{"PARAMS after their end are ignored", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.sendAll(post(1, 2), []msg{params(1, "nonsense"), params(1, ""), stdin(1, "ok"), stdin(1, "")})
			p.want("the answer", answer(1, "POST ok")...)
		}},
		{"STDIN after its end is ignored", func(w *world) {
			release := make(chan bool)
			w.serve(func(rw http.ResponseWriter, r *http.Request) {
				r.Context().Done()
				<-release
				echo(rw, r)
			})
			p := w.dial()
			p.sendAll([]msg{begin(1), params(1, vars("POST", "CONTENT_LENGTH", "")), params(1, ""), stdin(1, "ok"), stdin(1, ""), stdin(1, "more"), stdin(1, "")})
			p.wantIdle("all of it is taken")
			release <- true
			p.want("the answer", answer(1, "POST ok")...)
			p.wantIdle("the connection goes on")
		}},
		{"records of other requests, and management records, may stand between", func(w *world) {
			w.serve(echo)
			p := w.dial()
			v := vars("POST", "CONTENT_LENGTH", "2")
			p.send(begin(1), params(1, v[:9]), begin(2), getValues("FCGI_MPXS_CONNS"), params(2, v), params(1, v[9:]), params(2, ""), stdin(2, "a"),
				params(1, ""), stdin(1, "b"), getValues("FCGI_MPXS_CONNS"), stdin(2, "c"), stdin(1, "d"), stdin(1, ""), stdin(2, ""))
			got := map[uint16]string{}
			for ends, questions := 0, 0; ends < 2 || questions < 2; {
				switch r, err := p.next(); {
				case err != nil:
					require.NoError(w, err)
				case r.ID == 0:
					require.Equal(w, valuesResult("FCGI_MPXS_CONNS", "1"), r)
					questions++
				case r.Type == record.Stdout:
					got[r.ID] += r.Content
				default:
					require.Equal(w, fin(r.ID, 0), r)
					ends++
				}
			}
			require.Equal(w, map[uint16]string{1: page("POST bd"), 2: page("POST ac")}, got)
		}},
		{"STDIN may come before the end of PARAMS", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(begin(1), stdin(1, "o"), params(1, vars("POST", "CONTENT_LENGTH", "2")), stdin(1, "k"), stdin(1, ""), params(1, ""))
			p.want("the answer", answer(1, "POST ok")...)
		}},
	})
}

func TestKeepConn(t *testing.T) {
	play(t, []row{
		{"with FCGI_KEEP_CONN the connection stays open", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(get(1)...)
			p.want("the answer", answer(1, "GET ")...)
			p.wantIdle("it is open")
		}},
		{"without it the connection is closed after the answer", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.send(getLast(1)...)
			p.want("the answer", answer(1, "GET ")...)
			p.wantClosed("it is closed")
		}},
		{"of two requests, one without it, the other is still answered", func(w *world) {
			w.serve(echo)
			p := w.dial()
			p.sendAll(post(2, 2), getLast(1))
			p.want("the answer", answer(1, "GET ")...)
			p.send(stdin(2, "ok"), stdin(2, ""))
			p.want("the other answer", answer(2, "POST ok")...)
			p.wantClosed("it is closed")
		}},
	})
}

package fastcgi_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// allowed is the answer of an authorizer that allows.
func allowed(id uint16, fields string) []msg {
	return []msg{stdout(id, "Status: 200 OK\r\n"+fields+"\r\n"), stdout(id, ""), fin(id, 0)}
}

// ask is what Apache sends to an authorizer, but for the flag: no STDIN at all.
func ask(id uint16, flags uint8, more ...string) []msg {
	return []msg{beginAs(id, record.Authorizer, flags), params(id, vars("GET", more...)), params(id, "")}
}

// authorizing starts a server with h for the Authorizer role, whose Responder
// echoes.
func (w *world) authorizing(h http.HandlerFunc) {
	w.serve(echo, func(s *fastcgi.Server) { s.Authorizer = h })
}

// bodyless allows when the request is one of an Authorizer and has no body.
func (w *world) bodyless(rw http.ResponseWriter, r *http.Request) {
	require.Equal(w, "AUTHORIZER", gateway.FlagsOf(r).Role)
	require.Equal(w, http.NoBody, r.Body)
	require.Zero(w, r.ContentLength)
	_, filters := fastcgi.Data(r)
	require.False(w, filters)
	io.WriteString(rw, "welcome")
}

func TestAuthorizer(t *testing.T) {
	large := strings.Repeat("x", 60000)
	play(t, []row{
		{"it is asked at the end of PARAMS, without STDIN, as by Apache", func(w *world) {
			w.authorizing(w.bodyless)
			p := w.dial()
			p.send(ask(1, 0)...)
			p.want("the decision", allowed(1, "")...)
			p.wantClosed("the connection was not to be kept")
			p.Close()
			require.NoError(w, w.srv.Shutdown(w.Context()))
			w.wantLog("nothing was wrong")
		}},
		{"an empty STDIN, as by lighttpd, changes nothing", func(w *world) {
			w.authorizing(w.bodyless)
			p := w.dial()
			p.sendAll(ask(1, 0), []msg{stdin(1, "")})
			p.want("the decision", allowed(1, "")...)
			p.wantClosed("the connection was not to be kept")
		}},
		{"STDIN with something in it is dropped, wherever it comes, and the id is free again", func(w *world) {
			w.authorizing(w.bodyless)
			p := w.dial()
			for range 3 {
				begin, rest := ask(1, record.KeepConn)[0], ask(1, record.KeepConn)[1:]
				p.sendAll([]msg{begin, stdin(1, large), stdin(1, large)}, rest, []msg{stdin(1, large), stdin(1, large)})
				p.want("the decision", allowed(1, "")...)
				p.send(stdin(1, large), stdin(1, ""))
			}
			p.send(get(1)...)
			p.want("a request of another role", answer(1, "GET ")...)
			p.wantIdle("each is answered once")
			w.wantLog("nothing was wrong")
		}},
		{"STDIN that goes on after the decision, on a connection that is not kept, is heard out", func(w *world) {
			w.authorizing(w.bodyless)
			p := w.dial()
			p.sendAll(ask(1, 0), []msg{stdin(1, large)})
			p.want("the decision", allowed(1, "")...)
			p.wantClosed("the sending side only")
			for range 5 {
				p.send(stdin(1, large))
			}
			p.send(stdin(1, ""))
		}},
		{"a CONTENT_LENGTH, which should not be there, makes no body", func(w *world) {
			w.authorizing(w.bodyless)
			p := w.dial()
			for _, length := range []string{"5", "-1", "", "+5"} {
				p.send(ask(1, record.KeepConn, "CONTENT_LENGTH", length)...)
				p.want("the decision", allowed(1, "")...)
			}
			p.sendAll(ask(1, record.KeepConn, "CONTENT_LENGTH", "5"), []msg{stdin(1, "hello"), stdin(1, "")})
			p.want("with a body, too", allowed(1, "")...)
			p.wantIdle("the connection goes on")
		}},
		{"variables keep their spelling, and nothing else goes with a permission", func(w *world) {
			w.authorizing(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("X-Secret", "for nobody")
				fastcgi.SetVariable(rw, "AUTHN_1", "replaced")
				fastcgi.SetVariable(rw, "AUTHN_1", "one")
				fastcgi.SetVariable(rw, "Authn_1", "another\r\nStatus: 500")
				io.WriteString(rw, "welcome")
			})
			p := w.dial()
			p.send(ask(1, record.KeepConn)...)
			p.want("the decision", allowed(1, "Variable-AUTHN_1: one\r\nVariable-Authn_1: another  Status: 500\r\n")...)
		}},
		{"a refusal is a whole response", func(w *world) {
			w.authorizing(func(rw http.ResponseWriter, r *http.Request) {
				rw.Header().Set("WWW-Authenticate", `Basic realm="r"`)
				http.Error(rw, "who?", http.StatusUnauthorized)
			})
			p := w.dial()
			p.send(ask(1, record.KeepConn)...)
			p.want("the response", stdout(1, "Status: 401 Unauthorized\r\nContent-Type: text/plain; charset=utf-8\r\nWww-Authenticate: Basic realm=\"r\"\r\n"+
				"X-Content-Type-Options: nosniff\r\nContent-Length: 5\r\n\r\nwho?\n"), stdout(1, ""), fin(1, 0))
		}},
		{"a handler that panics does not allow, whatever it has written and flushed", func(w *world) {
			w.authorizing(func(rw http.ResponseWriter, r *http.Request) {
				begun(rw)
				panic("boom")
			})
			p := w.dial()
			p.send(ask(1, record.KeepConn)...)
			out, _, last := p.streams("the page", 1)
			require.Equal(w, errorPage, out)
			require.Equal(w, fin(1, 1), last)
		}},
		{"nor does one that ends its goroutine, or aborts: the exchange is broken off", func(w *world) {
			w.authorizing(func(rw http.ResponseWriter, r *http.Request) {
				begun(rw)
				panic(http.ErrAbortHandler)
			})
			p := w.dial()
			p.send(ask(1, record.KeepConn)...)
			p.wantBroken("nothing that allows")
		}},
		{"on a connection that others share neither: there is a response all the same", func(w *world) {
			w.authorizing(func(http.ResponseWriter, *http.Request) { runtime.Goexit() })
			p := w.dial()
			p.sendAll(post(2, 2), ask(1, record.KeepConn))
			out, _, last := p.streams("the decision", 1)
			require.True(w, strings.HasPrefix(out, "Status: 500 Internal Server Error\r\n"), out)
			require.Equal(w, fin(1, 1), last)
			p.send(stdin(2, "ok"), stdin(2, ""))
			p.want("the other answer", answer(2, "POST ok")...)
		}},
		{"nor does a server that has no room", func(w *world) {
			w.serve(echo, func(s *fastcgi.Server) {
				s.Authorizer = http.HandlerFunc(w.notRun)
				s.MaxRequests = 1
			})
			p := w.dial()
			p.sendAll(post(2, 2), ask(1, record.KeepConn))
			out, _, last := p.streams("the decision", 1)
			require.True(w, strings.HasPrefix(out, "Status: 503 Service Unavailable\r\n"), out)
			require.Equal(w, finAs(1, 0, record.CantMpxConn), last)
		}},
		{"variables that do not parse are a 400, without the handler", func(w *world) {
			w.authorizing(w.notRun)
			p := w.dial()
			p.send(beginAs(1, record.Authorizer, record.KeepConn), params(1, "\x05\x00ab"), params(1, ""))
			p.wantRefusal("the answer", 1, "400 Bad Request")
		}},
		{"DATA is ignored", func(w *world) {
			w.authorizing(w.bodyless)
			p := w.dial()
			p.sendAll(ask(1, record.KeepConn)[:2], []msg{data(1, "x"), params(1, ""), data(1, "x"), data(1, "")})
			p.want("the decision", allowed(1, "")...)
			p.wantIdle("the connection goes on")
		}},
		{"it may share a connection with requests of every role", func(w *world) {
			release := make(chan bool)
			w.serve(echo, func(s *fastcgi.Server) {
				s.Authorizer = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { <-release })
				s.Filter = http.HandlerFunc(filtered)
			})
			p := w.dial()
			p.sendAll(ask(1, record.KeepConn), ask(2, record.KeepConn), filter(3, "POST", 2, 4), get(4))
			p.want("a Responder", answer(4, "GET ")...)
			p.send(stdin(3, "in"), stdin(3, ""), data(3, "data"), data(3, ""))
			p.want("a Filter", answer(3, `"in" <nil> 4 "data" <nil>`)...)
			release <- true
			release <- true
			require.Len(w, p.answers("two Authorizers", 2), 2)
		}},
	})
}

func TestAuthorizerCancel(t *testing.T) {
	play(t, []row{
		{"ABORT_REQUEST ends the context: one end, and the id is free", func(w *world) {
			told := make(chan error, 2)
			w.authorizing(w.untilDone(told))
			p := w.dial()
			p.send(ask(1, record.KeepConn)...)
			receive(w, "the handler runs", told)
			p.send(abort(1))
			p.want("one end, which does not allow", aborted(1)...)
			p.send(get(1)...)
			p.want("the next request", answer(1, "GET ")...)
		}},
		{"before the end of PARAMS the handler does not run", func(w *world) {
			w.authorizing(w.notRun)
			p := w.dial()
			p.send(beginAs(1, record.Authorizer, record.KeepConn), abort(1), params(1, ""))
			p.want("one end", fin(1, 0))
			p.wantIdle("the rest is ignored")
		}},
		{"a web server that leaves ends the context", func(w *world) {
			told := make(chan error, 2)
			w.authorizing(w.untilDone(told))
			p := w.dial()
			p.send(ask(1, 0)...)
			receive(w, "the handler runs", told)
			p.Close()
			require.Error(w, receive(w, "the context ends", told))
		}},
	})
}

// TestRoleWithoutHandler shows that Handler is never asked in the place of
// another.
func TestRoleWithoutHandler(t *testing.T) {
	refused := []msg{stdout(1, "Status: 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\n"+
		"X-Content-Type-Options: nosniff\r\nContent-Length: 22\r\n\r\nInternal Server Error\n"), stdout(1, ""), finAs(1, 0, record.UnknownRole)}
	play(t, []row{
		{"nobody is let in: lighttpd would take an end without a response for permission", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.send(ask(1, record.KeepConn)[:2]...)
			p.wantIdle("nothing is sent before the end of PARAMS")
			p.send(params(1, ""))
			p.want("a refusal", refused...)
			p.send(stdin(1, "x"), stdin(1, ""))
			p.wantIdle("the connection goes on")
			w.wantLog("a line of log", "the server has no Authorizer")
		}},
		{"also with variables that do not parse, or are too many", func(w *world) {
			w.serve(w.notRun, func(s *fastcgi.Server) { s.MaxParams = 100 })
			p := w.dial()
			for _, v := range []string{"\x05\x00ab", strings.Repeat("x", 1000)} {
				p.send(beginAs(1, record.Authorizer, record.KeepConn), params(1, v), params(1, ""))
				p.want("a refusal", refused...)
			}
		}},
		{"a connection that is not kept ends with it", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.send(ask(1, 0)...)
			p.want("a refusal", refused...)
			p.wantClosed("after it")
		}},
		{"a Filter is unknown", func(w *world) {
			w.serve(w.notRun)
			p := w.dial()
			p.sendAll(filter(1, "POST", 1, 1), []msg{stdin(1, "x"), stdin(1, ""), data(1, "x"), data(1, "")})
			p.want("at once", finAs(1, 0, record.UnknownRole))
			p.wantIdle("the connection goes on")
		}},
	})
}

func TestSetVariable(t *testing.T) {
	for _, name := range []string{"", "A B", "A:B", "A\r\nB", "é"} {
		require.Panics(t, func() { fastcgi.SetVariable(header{}, name, "x") }, fmt.Sprintf("%q is no name", name))
	}
	h := header{}
	fastcgi.SetVariable(h, "AUTH-x_1", "")
	require.Equal(t, header{"Variable-AUTH-x_1": {""}}, h, "an empty value is one")
}

// A header is a ResponseWriter that only keeps fields.
type header http.Header

func (h header) Header() http.Header     { return http.Header(h) }
func (header) Write([]byte) (int, error) { return 0, nil }
func (header) WriteHeader(int)           {}

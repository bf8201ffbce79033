package origin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// show answers with variables of the request, then changes them.
func show(names ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := gateway.Vars(r)
		var words []string
		for _, name := range names {
			words = append(words, v.Get(name))
			v.Set(name, "changed")
		}
		says(strings.Join(words, " ")).ServeHTTP(w, r)
	})
}

func TestBaseVars(t *testing.T) {
	base := env.Parse([]string{"ADMIN=me", "SERVER_PROTOCOL=own", "HTTP_X=base"})
	g := open(t, "unix", &Server{BaseVars: base, Handler: show("ADMIN", "SERVER_PROTOCOL", "HTTP_X")})
	p := g.peer()
	for range 2 {
		p.send(get())
		p.want("a copy for each request, whose own variables come first", response("200 OK", "me HTTP/1.1 base"))
		p.send(get("X: own"))
		p.want("a field of the client is one of them", response("200 OK", "me HTTP/1.1 own"))
	}
	require.Equal(t, "me", base.Get("ADMIN"))
}

func TestSetupEnviron(t *testing.T) {
	made := 0
	g := open(t, "unix", &Server{
		BaseVars: env.Parse([]string{"ADMIN=me"}),
		SetupEnviron: func(v *env.Vars) {
			made++
			v.Set("SERVER_NAME", v.Get("ADMIN"))
			v.Set("N", fmt.Sprint(made))
			v.Set("HTTP_X", "hook")
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/quiet" {
				says(r.Header.Get("X")).ServeHTTP(w, r)
				return
			}
			require.Same(t, gateway.Vars(r), gateway.Vars(r))
			show("SERVER_NAME", "N", "HTTP_X").ServeHTTP(w, r)
		}),
	})
	p := g.peer()
	p.send(get("X: own"))
	p.want("the hook has the last word", response("200 OK", "me 1 hook"))
	p.send("GET /quiet HTTP/1.1\r\nHost: h\r\nX: own\r\n\r\n")
	p.want("where nobody asks it is not called, and the request stays", response("200 OK", "own"))
	p.send(get())
	p.want("once for a request", response("200 OK", "me 2 hook"))
}

type wordKey struct{}

func TestHandleExchange(t *testing.T) {
	g := open(t, "unix", &Server{
		ServerSoftware: "postern",
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/panic" {
				panic("probe")
			}
			says(fmt.Sprint(r.Context().Value(wordKey{}))).ServeHTTP(w, r)
		}),
		HandleExchange: func(ctx context.Context, e *gateway.Engine, x gateway.Exchange, h http.Handler) error {
			r, err := x.(gateway.Requester).Request()
			require.NoError(t, err)
			if r.URL.Path == "/busy" {
				return e.Refuse(x, http.StatusServiceUnavailable)
			}
			own := *e
			own.ServerSoftware, own.ErrorBody = "hook", "sorry"
			return own.Run(context.WithValue(ctx, wordKey{}, "word"), x, h)
		},
	})
	p := g.peer()
	p.send(get())
	p.want("a context and an engine of its own", response("200 OK", "word", "Server: hook"))
	p.send("GET /panic HTTP/1.1\r\nHost: h\r\n\r\n")
	p.want("a page of its own", strings.Replace(response("500 Internal Server Error", "sorry", "Server: hook", "Connection: close"), "Content-Length", "Content-Type: text/plain\r\nContent-Length", 1))
	p.wantEnd("as always after a panic")
	require.Contains(t, g.answer("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n"), "HTTP/1.1 503 Service Unavailable\r\n")
}

func TestHandleExchangeThatFails(t *testing.T) {
	for _, row := range []struct {
		why  string
		hook func(ctx context.Context, e *gateway.Engine, x gateway.Exchange, h http.Handler) error
		wire string
		log  string
	}{
		{"nothing written", func(context.Context, *gateway.Engine, gateway.Exchange, http.Handler) error { return nil },
			"", `err="origin: HandleExchange wrote no response"`},
		{"an error of its own", func(context.Context, *gateway.Engine, gateway.Exchange, http.Handler) error {
			return errors.New("no")
		}, "", `err="origin: HandleExchange wrote no response\nno"`},
		{"an error after the response", func(ctx context.Context, e *gateway.Engine, x gateway.Exchange, h http.Handler) error {
			e.Run(ctx, x, h)
			return errors.New("no")
		}, response("200 OK", "hello"), "err=no"},
		{"a panic", func(context.Context, *gateway.Engine, gateway.Exchange, http.Handler) error { panic("probe") },
			"", `err="origin: HandleExchange panicked: probe\ngoroutine `},
		{"http.ErrAbortHandler says nothing", func(context.Context, *gateway.Engine, gateway.Exchange, http.Handler) error {
			panic(http.ErrAbortHandler)
		}, "", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			g := open(t, "unix", &Server{Handler: says("hello"), HandleExchange: row.hook})
			p := g.peer()
			p.send(get())
			wire, _ := p.rest()
			require.Equal(t, row.wire, wire)
			if row.log == "" {
				require.Empty(t, g.log.String())
				return
			}
			require.Contains(t, g.log.String(), `level=ERROR msg="origin: exchange broken off" method=GET uri=/ `+row.log)
		})
	}
}

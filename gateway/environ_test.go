package gateway_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestEnviron(t *testing.T) {
	for _, row := range []struct {
		why    string
		engine gateway.Engine
		vars   string
		name   string
		want   string
	}{
		{"the variables are those of the request", gateway.Engine{}, get + "X=1\n", "X", "1"},
		{"a base variable is there for every request", gateway.Engine{BaseVars: vars("BASE=1")}, get, "BASE", "1"},
		{"unless the request has its own", gateway.Engine{BaseVars: vars("X=base")}, get + "X=own\n", "X", "own"},
		{"be it empty", gateway.Engine{BaseVars: vars("X=base")}, get + "X=\n", "X", ""},
		{"a base variable makes a header field, too", gateway.Engine{BaseVars: vars("HTTP_X_BASE=1")}, get, "HTTP_X_BASE", "1"},
		{"a hook may change what came", gateway.Engine{SetupEnviron: func(v *env.Vars) { v.Set("X", "hook") }}, get + "X=own\n", "X", "hook"},
		{"it sees base variables", gateway.Engine{BaseVars: vars("A=1"), SetupEnviron: func(v *env.Vars) { v.Set("X", v.Get("A")) }}, get, "X", "1"},
		{"HTTP_PROXY does not get in", gateway.Engine{}, get + "HTTP_PROXY=http://evil.test\n", "HTTP_PROXY", ""},
		{"Apache's word before a file name is cut", gateway.Engine{}, get + "SCRIPT_FILENAME=proxy:fcgi://h:1/srv/x\n", "SCRIPT_FILENAME", "/srv/x"},
		{"the server's name for itself is for origin servers", gateway.Engine{ServerSoftware: "postern"}, get, "SERVER_SOFTWARE", ""},
		{"which have it", gateway.Engine{ServerSoftware: "postern", Origin: true}, get, "SERVER_SOFTWARE", "postern"},
		{"unless the request says otherwise", gateway.Engine{ServerSoftware: "postern", Origin: true}, get + "SERVER_SOFTWARE=other\n", "SERVER_SOFTWARE", "other"},
	} {
		t.Run(row.why, func(t *testing.T) {
			ran := false
			_, err := serve(t, &row.engine, row.vars, func(_ http.ResponseWriter, r *http.Request) {
				ran = true
				require.Equal(t, row.want, gateway.Vars(r).Get(row.name))
			})
			require.NoError(t, err)
			require.True(t, ran)
		})
	}
}

// The hook runs before anything is made of the variables.
func TestSetupEnvironMakesTheRequest(t *testing.T) {
	e := gateway.Engine{SetupEnviron: func(v *env.Vars) { v.Set("REQUEST_URI", "/changed") }}
	_, err := serve(t, &e, get, func(_ http.ResponseWriter, r *http.Request) { require.Equal(t, "/changed", r.URL.Path) })
	require.NoError(t, err)
}

// Requests have their own variables: what one changes, the next does not see.
func TestVarsAreTheRequestsOwn(t *testing.T) {
	base := vars("BASE=1")
	e := gateway.Engine{BaseVars: base}
	for range 2 {
		_, err := serve(t, &e, get, func(_ http.ResponseWriter, r *http.Request) {
			v := gateway.Vars(r)
			require.Equal(t, "1", v.Get("BASE"))
			v.Set("BASE", "2")
			require.Equal(t, "2", gateway.Vars(r).Get("BASE"), "all who ask get the same variables")
			require.Same(t, v, gateway.Vars(r.Clone(context.WithValue(r.Context(), t, 1))), "also through a request that was derived")
		})
		require.NoError(t, err)
	}
	require.Equal(t, "1", base.Get("BASE"))
}

// What the application asks of a request that net/http serves.
func TestAccessorsWithoutEngine(t *testing.T) {
	r := httptest.NewRequest("GET", "http://h.test/a?b", nil)
	require.Equal(t, "/a", gateway.Vars(r).Get("PATH_INFO"))
	require.False(t, gateway.HasVars(r))
	require.Same(t, os.Stderr, gateway.Stderr(r))
	require.Equal(t, gateway.Flags{Multithread: true, Protocol: "http"}, gateway.FlagsOf(r))
	require.Empty(t, gateway.Mount(r))
	require.Nil(t, gateway.ExchangeOf(r))
	require.Nil(t, gateway.PanicValue(r))
}

func TestAccessors(t *testing.T) {
	flags := gateway.Flags{Multiprocess: true, RunOnce: true, Protocol: "fastcgi", Role: "RESPONDER"}
	var asked *http.Request
	m, err := serve(t, &gateway.Engine{Flags: flags}, get, func(_ http.ResponseWriter, r *http.Request) {
		asked = r
		require.True(t, gateway.HasVars(r))
		require.Equal(t, flags, gateway.FlagsOf(r))
		require.NotNil(t, gateway.ExchangeOf(r))
		require.Nil(t, gateway.PanicValue(r))
		_, err := io.WriteString(gateway.Stderr(r), "to the log\n")
		require.NoError(t, err)
	})
	require.NoError(t, err)
	require.Equal(t, "to the log\n", m.log())

	_, err = io.WriteString(gateway.Stderr(asked), "too late\n")
	require.Error(t, err, "the stream may be another request's by now")
	require.Equal(t, "to the log\n", m.log())
}

// An exchange that has parsed its request makes variables when somebody asks,
// once, and not when it is over: it may have the next request then.
func TestVarsOnDemand(t *testing.T) {
	for _, row := range []struct {
		why  string
		ask  func(r *http.Request)
		made int
	}{
		{"nobody asks", func(*http.Request) {}, 0},
		{"asked twice", func(r *http.Request) { gateway.Vars(r); gateway.Vars(r) }, 1},
	} {
		t.Run(row.why, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/x", nil)
			made := 0
			m := newMemory(env.FromRequest(r), "")
			e := gateway.Engine{Origin: true, SetupEnviron: func(*env.Vars) { made++ }}
			var kept *http.Request
			require.NoError(t, e.Run(t.Context(), &parsedMemory{originMemory{m, r}}, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				kept = r
				row.ask(r)
			})))
			require.Equal(t, row.made, made)
			m.vars = vars("PATH_INFO=/another")
			require.Equal(t, "/x", gateway.Vars(kept).Get("PATH_INFO"), "late questions get the request's own")
		})
	}
}

func TestErrorLog(t *testing.T) {
	var log bytes.Buffer
	e := gateway.Engine{ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}
	m, err := serve(t, &e, get, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Status", "404")
		w.WriteHeader(200)
	})
	require.NoError(t, err)
	require.Empty(t, m.log(), "what the engine has to say goes to the logger")
	require.Contains(t, log.String(), `level=WARN msg="gateway: Status header of the handler dropped: [\"404\"]" method=GET uri=/`)
}

// Whoever authenticates gives the programs behind it other variables; the request has its own still.
func TestWithVars(t *testing.T) {
	check := func(r *http.Request) {
		v := gateway.Vars(r).Clone()
		v.Set("REMOTE_USER", "joe")
		inner := gateway.WithVars(r, v)
		require.Same(t, v, gateway.Vars(inner))
		require.Same(t, v, gateway.Vars(inner.Clone(inner.Context())), "also through a request that was derived")
		require.Empty(t, gateway.Vars(r).Get("REMOTE_USER"))
		require.Equal(t, gateway.HasVars(r), gateway.HasVars(inner), "where the request came from does not change")
	}
	check(httptest.NewRequest("GET", "/", nil))
	_, err := serve(t, &gateway.Engine{}, get, func(_ http.ResponseWriter, r *http.Request) { check(r) })
	require.NoError(t, err)
}

func TestHandlerOf(t *testing.T) {
	require.Nil(t, gateway.HandlerOf(httptest.NewRequest("GET", "/", nil)), "no engine, no handler")
	root, inner := http.NewServeMux(), new(asker)
	root.Handle("/", inner)
	e := gateway.Engine{}
	require.NoError(t, e.Run(t.Context(), newMemory(vars(get), ""), root))
	require.Same(t, root, inner.seen, "the outermost one")
}

type asker struct{ seen http.Handler }

func (a *asker) ServeHTTP(_ http.ResponseWriter, r *http.Request) { a.seen = gateway.HandlerOf(r) }

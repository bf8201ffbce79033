package gateway_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// deep panics with so many frames of its own on the stack.
func deep(frames int, value any) {
	if frames > 1 {
		deep(frames-1, value)
		return
	}
	panic(value)
}

func panics(value any) http.HandlerFunc {
	return func(http.ResponseWriter, *http.Request) { deep(10, value) }
}

func TestErrorPage(t *testing.T) {
	const text = "A server error occurred.  Please contact the administrator."
	page := func(h http.HandlerFunc) gateway.Engine { return gateway.Engine{ErrorHandler: h} }
	for _, row := range []struct {
		why    string
		engine gateway.Engine
		want   string
	}{
		{"the page of wsgiref", gateway.Engine{},
			"Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" + text},
		{"its status, fields and text can be replaced", gateway.Engine{ErrorStatus: 503, ErrorBody: "sorry", ErrorHeaders: headers.Headers{{Name: "X-A", Value: "1"}, {Name: "X-A", Value: "2"}, {Name: "Content-Type", Value: "a/b"}}},
			"Status: 503 Service Unavailable\r\nContent-Type: a/b\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 5\r\n\r\nsorry"},
		{"a handler can take its place and ask what happened", page(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(502)
			fmt.Fprint(w, "it was ", gateway.PanicValue(r))
		}), "Status: 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 11\r\n\r\nit was boom"},
		{"one that does nothing answers 200", page(func(http.ResponseWriter, *http.Request) {}), "Status: 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{"one that panics before it began is replaced in turn", page(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-A", "1")
			io.WriteString(w, "half a page")
			panic("again")
		}), "Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" + text},
		{"also when it gives up", page(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
			"Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" + text},
	} {
		t.Run(row.why, func(t *testing.T) {
			m, err := serve(t, &row.engine, get, panics("boom"))
			require.Equal(t, row.want, m.out.String())
			require.ErrorIs(t, err, gateway.ErrPanic)
			require.EqualError(t, err, "gateway: handler panicked: boom")
			require.False(t, gateway.Broken(err), "the client has a whole page")
			require.Contains(t, m.log(), "panic serving GET /: boom\n")
		})
	}
}

// A page that breaks off in the middle is no page.
func TestErrorPageBrokenOff(t *testing.T) {
	e := gateway.Engine{ErrorHandler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		panic("again")
	})}
	m, err := serve(t, &e, get, panics("boom"))
	require.True(t, gateway.Broken(err))
	require.Equal(t, "Status: 200 OK\r\n\r\n", m.out.String())
	require.Contains(t, m.log(), "panic serving GET /: boom\n")
	require.Contains(t, m.log(), "panic serving GET /: again\n")
	require.Contains(t, m.log(), "TestErrorPageBrokenOff", "the trace is that of the second panic")
}

func TestLogPanic(t *testing.T) {
	var got []any
	e := gateway.Engine{StackLimit: 3, LogPanic: func(r *http.Request, value any, stack []byte) { got = []any{r.RequestURI, value, string(stack)} }}
	m, err := serve(t, &e, get, panics("boom"))
	require.ErrorIs(t, err, gateway.ErrPanic)
	require.Empty(t, m.log(), "the hook takes the place of the trace")
	require.Equal(t, "/", got[0])
	require.Equal(t, "boom", got[1])
	require.Equal(t, 3, strings.Count(got[2].(string), "gateway_test.deep\n\t"), "the frames where it happened come first:\n%s", got[2])
}

func TestStackLimit(t *testing.T) {
	for _, row := range []struct {
		why    string
		limit  int
		frames int // of deep
		other  bool
	}{
		{"so many frames and no more", 4, 4, false},
		{"the whole stack is what there is", 1000, 300, true},
		{"zero means all", 0, 300, true},
		{"less means all, too", -1, 300, true},
	} {
		t.Run(row.why, func(t *testing.T) {
			m, err := serve(t, &gateway.Engine{StackLimit: row.limit}, get, func(http.ResponseWriter, *http.Request) { deep(300, "boom") })
			require.ErrorIs(t, err, gateway.ErrPanic)
			require.Equal(t, row.frames, strings.Count(m.log(), "gateway_test.deep\n\t"))
			require.Equal(t, row.other, strings.Contains(m.log(), "TestStackLimit"), "the handler's own frame is there")
			require.NotContains(t, m.log(), "gateway.(*Engine)", "the engine's frames are not")
			require.NotContains(t, m.log(), "runtime.", "nor are the runtime's")
		})
	}
}

// The place of the first panic counts, not that of a deferred call which
// panicked again.
func TestTraceOfTheFirstPanic(t *testing.T) {
	m, err := serve(t, &gateway.Engine{}, get, func(http.ResponseWriter, *http.Request) {
		defer func() { panic(fmt.Sprint("again: ", recover())) }()
		deep(2, "boom")
	})
	require.ErrorIs(t, err, gateway.ErrPanic)
	require.Contains(t, m.log(), "again: boom")
	require.Contains(t, m.log(), "gateway_test.deep\n\t")
}

func TestPanicInErrorLog(t *testing.T) {
	var log bytes.Buffer
	e := gateway.Engine{ErrorLog: slog.New(slog.NewTextHandler(&log, nil))}
	m, err := serve(t, &e, get, panics("boom"))
	require.ErrorIs(t, err, gateway.ErrPanic)
	require.Contains(t, log.String(), `level=ERROR msg="gateway: panic" method=GET uri=/ value=boom stack=`)
	require.Contains(t, m.log(), "panic serving GET /: boom\n", "the error stream has it as well")
}

// The client never learns what happened.
func TestPanicIsNotTheClients(t *testing.T) {
	for _, late := range []bool{false, true} {
		m, err := serve(t, &gateway.Engine{}, get, func(w http.ResponseWriter, _ *http.Request) {
			if late {
				w.(http.Flusher).Flush()
			}
			panic("secret")
		})
		require.Equal(t, late, gateway.Broken(err))
		require.NotContains(t, m.out.String(), "secret")
		require.NotContains(t, m.out.String(), "gateway")
	}
}

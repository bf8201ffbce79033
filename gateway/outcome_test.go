package gateway_test

import (
	"errors"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

var errGone = errors.New("connection reset")

func TestOutcomes(t *testing.T) {
	for _, row := range []struct {
		why    string
		vars   string
		setup  func(m *memory)
		h      http.HandlerFunc
		reason error
		broken bool
		text   string
	}{
		{"a complete response is no error", get, nil, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "x") }, nil, false, ""},
		{"a panic with a page", get, nil, panics("boom"), gateway.ErrPanic, false, "gateway: handler panicked: boom"},
		{"a panic in the middle", get, nil, func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic("boom")
		}, gateway.ErrPanic, true, "gateway: handler panicked: boom"},
		{"http.ErrAbortHandler", get, nil, panics(http.ErrAbortHandler), gateway.ErrAborted, true, "gateway: handler aborted the response"},
		{"a body that is too short", get, nil, func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "1") },
			gateway.ErrShortBody, true, "gateway: response body shorter than its Content-Length"},
		{"a peer that takes nothing more", get, func(m *memory) { m.fail = errGone }, func(http.ResponseWriter, *http.Request) {},
			gateway.ErrPeerGone, true, "gateway: peer is gone: connection reset"},
		{"a peer that was gone when the handler panicked", get, func(m *memory) { m.fail = errGone }, func(w http.ResponseWriter, _ *http.Request) {
			w.(http.Flusher).Flush()
			panic("boom")
		}, gateway.ErrPeerGone, true, "gateway: peer is gone: connection reset"},
		{"a request that is none", "REQUEST_METHOD=\n", nil, nil, gateway.ErrBadRequest, false, "gateway: bad request: env: REQUEST_METHOD is missing"},
		{"a request that is none, and nobody to tell", "REQUEST_METHOD=\n", func(m *memory) { m.fail = errGone }, nil, gateway.ErrPeerGone, true, "gateway: peer is gone: connection reset"},
		{"a peer that is gone before its body came", get, func(m *memory) { m.stdin = iotest.ErrReader(errGone) }, nil,
			gateway.ErrPeerGone, true, "gateway: peer is gone: connection reset"},
	} {
		t.Run(row.why, func(t *testing.T) {
			m := newMemory(vars(row.vars), "")
			if row.setup != nil {
				row.setup(m)
			}
			h := row.h
			if h == nil {
				h = func(http.ResponseWriter, *http.Request) { t.Error("the handler runs") }
			}
			err := (&gateway.Engine{BodyEnds: true}).Run(t.Context(), m, h)
			require.Equal(t, row.broken, gateway.Broken(err))
			if row.reason == nil {
				require.NoError(t, err)
				return
			}
			var f *gateway.Failure
			require.ErrorAs(t, err, &f)
			require.Equal(t, row.reason, f.Reason)
			require.ErrorIs(t, err, row.reason)
			require.EqualError(t, err, row.text)
			require.Equal(t, row.reason == gateway.ErrPeerGone, errors.Is(err, errGone), "the cause is there where there is one")
		})
	}
}

func TestPanicValueInOutcome(t *testing.T) {
	_, err := serve(t, &gateway.Engine{}, get, panics([]int{1}))
	var f *gateway.Failure
	require.ErrorAs(t, err, &f)
	require.Equal(t, []int{1}, f.Value)
}

func TestBadRequest(t *testing.T) {
	const refusal = "400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 12\r\n"
	m, err := serve(t, &gateway.Engine{}, "REQUEST_METHOD=GET\nCONTENT_LENGTH=+5", panics("the handler runs"))
	require.ErrorIs(t, err, gateway.ErrBadRequest)
	require.Equal(t, "Status: "+refusal+"\r\nBad Request\n", m.out.String())
	require.Equal(t, "gateway: request refused: env: length \"+5\" is not a number of bytes\n", m.log())

	o := &parsedMemory{originMemory{memory: newMemory(vars(get), "")}}
	err = (&gateway.Engine{Origin: true}).Run(t.Context(), o, panics("the handler runs"))
	require.ErrorIs(t, err, gateway.ErrBadRequest)
	require.True(t, strings.HasPrefix(o.out.String(), "HTTP/1.1 "+refusal), o.out.String())
	require.Contains(t, o.out.String(), "\r\nConnection: close\r\n")
	require.True(t, o.closing, "what comes next on the connection cannot be told")
}

func TestRefuse(t *testing.T) {
	for _, status := range []int{400, 413, 431, 503} {
		m := newMemory(nil, "")
		require.NoError(t, (&gateway.Engine{}).Refuse(m, status))
		require.True(t, strings.HasPrefix(m.out.String(), "Status: "), m.out.String())
		require.Contains(t, m.out.String(), http.StatusText(status)+"\n")
		require.Zero(t, m.flushes, "the front end flushes")

		o := &originMemory{memory: newMemory(nil, "")}
		require.NoError(t, (&gateway.Engine{Origin: true}).Refuse(o, status))
		require.True(t, o.closing)
		require.Contains(t, o.out.String(), "\r\nConnection: close\r\n")
	}
}

// runtime.Goexit takes the goroutine of Run with it: what the front end has
// deferred is all that still happens.
func TestGoexit(t *testing.T) {
	m := newMemory(vars(get), "")
	returned := false
	deferred := make(chan struct{})
	go func() {
		defer close(deferred)
		(&gateway.Engine{}).Run(t.Context(), m, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, "half a page")
			runtime.Goexit()
		}))
		returned = true
	}()
	<-deferred
	require.False(t, returned)
	require.Empty(t, m.out.String(), "there is nobody who would end a response")
	require.Contains(t, m.log(), "runtime.Goexit called by the handler")
}

// The end of a response is the front end's: Run does not flush.
func TestRunDoesNotFlush(t *testing.T) {
	m, err := serve(t, &gateway.Engine{}, get, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 10000)) })
	require.NoError(t, err)
	require.Zero(t, m.flushes)
	require.Contains(t, m.out.String(), strings.Repeat("x", 10000))
}

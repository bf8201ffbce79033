package validate_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// Every combination of the optional interfaces.
type (
	canFlush    struct{}
	canHijack   struct{}
	canReadFrom struct{}
	canPush     struct{}
	canNotify   struct{}
)

var errHijack, errPush = errors.New("hijack"), errors.New("push")

func (canFlush) Flush()                                        {}
func (canHijack) Hijack() (net.Conn, *bufio.ReadWriter, error) { return nil, nil, errHijack }
func (canReadFrom) ReadFrom(r io.Reader) (int64, error)        { return io.Copy(io.Discard, r) }
func (canPush) Push(string, *http.PushOptions) error           { return errPush }
func (canNotify) CloseNotify() <-chan bool                     { return nil }

func able(w http.ResponseWriter) [5]bool {
	_, f := w.(http.Flusher)
	_, h := w.(http.Hijacker)
	_, r := w.(io.ReaderFrom)
	_, p := w.(http.Pusher)
	_, n := w.(interface{ CloseNotify() <-chan bool })
	return [5]bool{f, h, r, p, n}
}

// writers are ResponseWriters with every combination of the optional
// interfaces.
func writers(w http.ResponseWriter) []http.ResponseWriter {
	return []http.ResponseWriter{
		bare{w},
		struct {
			bare
			canFlush
		}{bare: bare{w}},
		struct {
			bare
			canHijack
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
		}{bare: bare{w}},
		struct {
			bare
			canReadFrom
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canReadFrom
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canReadFrom
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canReadFrom
		}{bare: bare{w}},
		struct {
			bare
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canReadFrom
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canReadFrom
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canReadFrom
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canReadFrom
			canPush
		}{bare: bare{w}},
		struct {
			bare
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canReadFrom
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canReadFrom
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canReadFrom
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canReadFrom
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canReadFrom
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canReadFrom
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canHijack
			canReadFrom
			canPush
			canNotify
		}{bare: bare{w}},
		struct {
			bare
			canFlush
			canHijack
			canReadFrom
			canPush
			canNotify
		}{bare: bare{w}},
	}
}

func TestOptionalInterfaces(t *testing.T) {
	all := writers(httptest.NewRecorder())
	require.Len(t, all, 32)
	seen := map[[5]bool]bool{}
	for _, inner := range all {
		want := able(inner)
		seen[want] = true
		called := false
		h := validate.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			called = true
			require.Equal(t, want, able(w))
			use(t, w)
		}), silent)
		h.ServeHTTP(inner, request("GET", "/", ""))
		require.True(t, called)
	}
	require.Len(t, seen, 32)
}

// use calls each of the optional interfaces that w has.
func use(t *testing.T, w http.ResponseWriter) {
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
		require.NoError(t, http.NewResponseController(w).Flush())
	} else {
		require.ErrorIs(t, http.NewResponseController(w).Flush(), http.ErrNotSupported)
	}
	if h, ok := w.(http.Hijacker); ok {
		_, _, err := h.Hijack()
		require.Equal(t, errHijack, err)
	}
	if f, ok := w.(io.ReaderFrom); ok {
		n, err := f.ReadFrom(strings.NewReader("abc"))
		require.NoError(t, err)
		require.EqualValues(t, 3, n)
	}
	if p, ok := w.(http.Pusher); ok {
		require.Equal(t, errPush, p.Push("/", nil))
	}
	if n, ok := w.(interface{ CloseNotify() <-chan bool }); ok {
		require.Nil(t, n.CloseNotify())
	}
	require.ErrorIs(t, http.NewResponseController(w).SetReadDeadline(time.Time{}), http.ErrNotSupported)
	require.ErrorIs(t, http.NewResponseController(w).SetWriteDeadline(time.Time{}), http.ErrNotSupported)
	require.ErrorIs(t, http.NewResponseController(w).EnableFullDuplex(), http.ErrNotSupported)
}

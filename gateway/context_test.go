package gateway_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// watching reports whether the front end has been asked to watch its peer.
func (m *memory) watching() bool {
	select {
	case <-m.watched:
		return true
	default:
		return false
	}
}

// The front end is asked to watch its peer only for who waits.
func TestWatch(t *testing.T) {
	for _, row := range []struct {
		why  string
		use  func(ctx context.Context)
		want bool
	}{
		{"nobody looks at the context", func(context.Context) {}, false},
		{"asking whether it has ended is not waiting", func(ctx context.Context) { ctx.Err(); ctx.Value("x"); ctx.Deadline() }, false},
		{"Done is", func(ctx context.Context) { ctx.Done(); ctx.Done() }, true},
		{"so is a context that derives from it", func(ctx context.Context) {
			_, cancel := context.WithCancel(ctx)
			cancel()
		}, true},
		{"so is context.AfterFunc", func(ctx context.Context) { context.AfterFunc(ctx, func() {})() }, true},
		{"a value is not", func(ctx context.Context) { context.WithValue(ctx, &ctx, 1).Err() }, false},
	} {
		t.Run(row.why, func(t *testing.T) {
			m := newMemory(vars(get), "")
			require.NoError(t, (&gateway.Engine{}).Run(t.Context(), m, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				row.use(r.Context())
				require.Equal(t, row.want, m.watching())
			})))
		})
	}
}

// Who asks when the request is over does not reach the front end any more.
func TestWatchAfterReturn(t *testing.T) {
	var ctx context.Context
	m, err := serve(t, &gateway.Engine{}, get, func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() })
	require.NoError(t, err)
	<-ctx.Done()
	context.AfterFunc(ctx, func() {})
	require.False(t, m.watching())
}

func TestDerivedContextsStartNoGoroutine(t *testing.T) {
	parent, cancelParent := context.WithCancel(t.Context())
	defer cancelParent()
	m := newMemory(vars(get), "")
	require.NoError(t, (&gateway.Engine{}).Run(parent, m, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		before := runtime.NumGoroutine()
		for range 10 {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			ctx, cancel = context.WithTimeout(ctx, time.Hour)
			defer cancel()
			ctx.Done()
		}
		require.LessOrEqual(t, runtime.NumGoroutine(), before)
	})))
}

// Contexts that derive from the request's have ended when Run returns, without
// a goroutine that would do it later.
func TestDerivedContextsEndWithRun(t *testing.T) {
	var ctx context.Context
	var cancel context.CancelFunc
	_, err := serve(t, &gateway.Engine{}, get, func(_ http.ResponseWriter, r *http.Request) { ctx, cancel = context.WithCancel(r.Context()) })
	defer cancel()
	require.NoError(t, err)
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

func TestCancel(t *testing.T) {
	body := strings.NewReader("hello")
	m := newMemory(vars(get+"CONTENT_LENGTH=5"), "")
	m.stdin = body
	gone := errors.New("aborted by the web server")
	err := (&gateway.Engine{}).Run(t.Context(), m, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		require.NoError(t, ctx.Err())
		m.canceler.Cancel(gone)
		m.canceler.Cancel(errors.New("a second time"))
		<-ctx.Done()
		require.ErrorIs(t, ctx.Err(), context.Canceled)
		require.ErrorIs(t, context.Cause(ctx), context.Canceled, "as under net/http")

		_, err := io.WriteString(w, "x")
		require.ErrorIs(t, err, gone, "writes fail")
		require.ErrorIs(t, err, gateway.ErrPeerGone)
		require.ErrorIs(t, http.NewResponseController(w).Flush(), gone, "so does Flush")
		_, err = r.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, gone, "body reads fail, with something other than io.EOF")
		_, err = r.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, gone, "and go on failing")
	}))
	require.ErrorIs(t, err, gateway.ErrPeerGone)
	require.ErrorIs(t, err, gone)
	require.Equal(t, 5, body.Len(), "nobody touched the stream")
	require.Empty(t, m.out.String())
}

// A front end that notices at once that its peer is gone may say so from Watch.
type hastyMemory struct{ *memory }

func (m hastyMemory) Watch() {
	m.canceler.Cancel(errGone)
	m.memory.Watch()
}

func TestCancelFromWatch(t *testing.T) {
	m := hastyMemory{newMemory(vars(get), "")}
	err := (&gateway.Engine{}).Run(t.Context(), m, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		<-ctx.Done()
	}))
	require.ErrorIs(t, err, gateway.ErrPeerGone)
}

// The end of the parent ends the context, and the handler can still answer, as
// one whose http.Server.BaseContext has ended.
func TestParentEnds(t *testing.T) {
	for _, row := range []struct {
		why    string
		parent func() (context.Context, context.CancelFunc)
		err    error
	}{
		{"cancelled", func() (context.Context, context.CancelFunc) { return context.WithCancel(t.Context()) }, context.Canceled},
		{"a deadline", func() (context.Context, context.CancelFunc) {
			return context.WithDeadline(t.Context(), time.Unix(1, 0))
		}, context.DeadlineExceeded},
	} {
		for _, wait := range []bool{false, true} {
			t.Run(row.why, func(t *testing.T) {
				parent, end := row.parent()
				m := newMemory(vars(get+"CONTENT_LENGTH=5"), "hello")
				require.NoError(t, (&gateway.Engine{}).Run(parent, m, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					ctx := r.Context()
					if wait {
						ctx.Done()
					}
					end()
					if wait {
						<-ctx.Done()
					}
					require.ErrorIs(t, ctx.Err(), row.err)
					<-ctx.Done()
					require.ErrorIs(t, ctx.Err(), row.err, "the error does not change")
					b, err := io.ReadAll(r.Body)
					require.NoError(t, err)
					_, err = w.Write(b)
					require.NoError(t, err)
				})))
				require.Contains(t, m.out.String(), "\r\n\r\nhello")
			})
		}
	}
}

func TestDeadline(t *testing.T) {
	at := time.Now().Add(time.Hour)
	parent, cancel := context.WithDeadline(t.Context(), at)
	defer cancel()
	require.NoError(t, (&gateway.Engine{}).Run(parent, newMemory(vars(get), ""), http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		d, ok := r.Context().Deadline()
		require.True(t, ok)
		require.Equal(t, at, d)
	})))
}

func TestAfterFunc(t *testing.T) {
	type afterFuncer interface{ AfterFunc(func()) func() bool }
	var ctx context.Context
	var called []string
	_, err := serve(t, &gateway.Engine{}, get, func(_ http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
		a := ctx.(afterFuncer)
		a.AfterFunc(func() { called = append(called, "first") })
		stop := a.AfterFunc(func() { called = append(called, "stopped") })
		a.AfterFunc(func() { called = append(called, "last") })
		require.True(t, stop(), "stopped in time")
		require.False(t, stop(), "only once")
		require.Empty(t, called)
	})
	require.NoError(t, err)
	require.Equal(t, []string{"first", "last"}, called)

	late := make(chan struct{})
	stop := ctx.(afterFuncer).AfterFunc(func() { close(late) })
	<-late
	require.False(t, stop(), "too late")
}

// The context is one to the standard library: it derives without a goroutine,
// and knows values of the parent and of the request.
func TestContextValues(t *testing.T) {
	type key struct{}
	parent := context.WithValue(t.Context(), key{}, "parent")
	m := newMemory(vars(get+"SERVER_ADDR=2001:db8::1\nSERVER_PORT=8080"), "")
	require.NoError(t, (&gateway.Engine{}).Run(parent, m, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, "parent", r.Context().Value(key{}))
		require.Nil(t, r.Context().Value("other"))
		require.Equal(t, &net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 8080}, r.Context().Value(http.LocalAddrContextKey))
	})))
	for _, lines := range []string{get, get + "SERVER_ADDR=unix:/run/s", get + "SERVER_ADDR="} {
		_, err := serve(t, &gateway.Engine{}, lines, func(_ http.ResponseWriter, r *http.Request) {
			require.Nil(t, r.Context().Value(http.LocalAddrContextKey), "an address that nobody gave is none")
		})
		require.NoError(t, err)
	}
}

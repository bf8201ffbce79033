package cgi

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// pair returns the two ends of an output.
func pair(t *testing.T, kind string) (reader, writer *os.File) {
	var err error
	if kind == "pipe" {
		reader, writer, err = os.Pipe()
		require.NoError(t, err)
	} else {
		fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
		require.NoError(t, err)
		reader, writer = os.NewFile(uintptr(fds[0]), "reader"), os.NewFile(uintptr(fds[1]), "writer")
	}
	t.Cleanup(func() {
		reader.Close()
		writer.Close()
	})
	return reader, writer
}

func TestClosedOutputEndsTheContext(t *testing.T) {
	for _, row := range []struct {
		why  string
		wait func(*http.Request)
	}{
		{"for a handler that waits", func(r *http.Request) { <-r.Context().Done() }},
		{"for a handler that asks now and then", func(r *http.Request) {
			for r.Context().Err() == nil {
				runtime.Gosched()
			}
		}},
	} {
		for _, kind := range []string{"pipe", "socket"} {
			reader, writer := pair(t, kind)
			var written error
			p := &Program{Stdout: writer, Environ: get}
			err := p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				require.NoError(t, r.Context().Err(), row.why)
				reader.Close()
				row.wait(r)
				_, written = io.WriteString(w, "nobody reads this")
			}))
			require.ErrorIs(t, written, gateway.ErrPeerGone, row.why)
			require.ErrorIs(t, err, errClosed, row.why)
		}
	}
}

func TestOpenOutputEndsNothing(t *testing.T) {
	reader, pipe := pair(t, "pipe")
	_, half := pair(t, "socket")
	require.NoError(t, syscall.Shutdown(int(half.Fd()), syscall.SHUT_RD))
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer file.Close()
	for _, out := range []*os.File{pipe, half, file} {
		p := &Program{Stdout: out, Environ: get}
		require.NoError(t, p.Serve(t.Context(), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			done := r.Context().Done()
			for range 100 {
				_, err := w.Write([]byte("x"))
				require.NoError(t, err)
				require.NoError(t, http.NewResponseController(w).Flush(), out.Name())
				select {
				case <-done:
					require.Fail(t, "the context ended", out.Name())
				default:
				}
			}
		})), out.Name())
	}
	head := make([]byte, len("Status: 200 OK"))
	_, err = io.ReadFull(reader, head)
	require.NoError(t, err)
	require.Equal(t, "Status: 200 OK", string(head))
}

// counted is a source that counts.
func counted(begun, stopped *int) source {
	return func() func() {
		*begun++
		return func() { *stopped++ }
	}
}

func TestNothingWatchesAfterServe(t *testing.T) {
	for _, row := range []struct {
		why     string
		handler http.HandlerFunc
		times   int
	}{
		{"a handler that returns at once costs nothing", func(http.ResponseWriter, *http.Request) {}, 0},
		{"one that waits is watched once", func(_ http.ResponseWriter, r *http.Request) {
			r.Context().Done()
			context.AfterFunc(r.Context(), func() {})
		}, 1},
		{"what a handler does in its first moment costs nothing", allSteps, 0},
		{"one that works on without asking is not noticed", func(http.ResponseWriter, *http.Request) { time.Sleep(watchAfter) }, 0},
		{"until it asks whether it should go on", func(_ http.ResponseWriter, r *http.Request) {
			time.Sleep(watchAfter) // of the bubble's clock
			r.Context().Err()
		}, 1},
		{"or reads", func(_ http.ResponseWriter, r *http.Request) {
			time.Sleep(watchAfter)
			io.ReadAll(r.Body)
		}, 1},
		{"or sends", func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(watchAfter)
			w.(http.Flusher).Flush()
		}, 1},
		{"and is watched once", func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(watchAfter)
			allSteps(w, r)
		}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			begun, stopped := 0, 0
			x := &exchange{program: &Program{Environ: with(get, "CONTENT_LENGTH=1"), Stdin: strings.NewReader("x")}}
			x.watch.sources = []source{counted(&begun, &stopped)}
			require.NoError(t, x.serve(t.Context(), NewEngine(), row.handler), row.why)
			require.Equal(t, row.times, begun, row.why)
			require.Equal(t, row.times, stopped, "and nothing watches when Serve has returned")
		})
	}
}

func allSteps(w http.ResponseWriter, r *http.Request) {
	r.Context().Err()
	io.ReadAll(r.Body)
	w.(http.Flusher).Flush()
}

func TestWatchStartsOnce(t *testing.T) {
	begun, stopped := 0, 0
	var w watch
	w.attach(counted(&begun, &stopped))
	w.start()
	w.start()
	w.stop()
	w.start()
	require.Equal(t, []int{1, 1}, []int{begun, stopped})

	begun = 0
	w = watch{}
	w.attach(counted(&begun, &stopped))
	w.stop()
	w.start()
	require.Zero(t, begun, "not once it is over")
}

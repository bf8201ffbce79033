package fastcgi_test

import (
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// TestDrainTime is in memory, where time passes at will.
func TestDrainTime(t *testing.T) {
	play(t, []row{
		{"a peer that goes on sending after its last answer is heard out for five seconds", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {})
			p := w.dial()
			p.send(postLast(1, 1<<20)...)
			p.streams("the answer", 1)
			p.wantClosed("the sending side only")
			start := time.Now()
			for err := error(nil); err == nil; time.Sleep(time.Second / 2) {
				_, err = p.Write(bytesOf(stdin(1, "more")))
			}
			require.InDelta(w, 5, time.Since(start).Seconds(), 1)
		}},
		{"one that only stays is closed, too", func(w *world) {
			w.serve(func(rw http.ResponseWriter, r *http.Request) {})
			p := w.dial()
			p.send(postLast(1, 1<<20)...)
			p.streams("the answer", 1)
			time.Sleep(4 * time.Second)
			p.send(stdin(1, "more"))
			time.Sleep(2 * time.Second)
			_, err := p.Write(bytesOf(stdin(1, "more")))
			require.Error(w, err)
		}},
	}, memory)
}

// TestDrainTimeStays runs on one processor, so that who was waiting for room
// goes on only when the answer has ended.
func TestDrainTimeStays(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	play(t, []row{{"the time is not forgotten by who waits for a handler to read when that ends", func(w *world) {
		release := make(chan struct{})
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			r.Context().Done() // others read from here on
			<-release
		})
		p := w.dial()
		p.send(append(postLast(1, 1<<20), stdin(1, strings.Repeat("x", record.MaxContent)), stdin(1, "more than is held in memory"))...)
		w.settle()
		close(release)
		p.streams("the answer", 1)
		p.wantClosed("the sending side only")
		time.Sleep(6 * time.Second)
		_, err := p.Write(bytesOf(stdin(1, "more")))
		require.Error(w, err)
	}}}, memory)
}

func TestDrainFields(t *testing.T) {
	unread := func(w *world, set func(s *fastcgi.Server)) *client {
		w.serve(func(http.ResponseWriter, *http.Request) {}, set)
		p := w.dial()
		p.send(postLast(1, 1<<30)...)
		p.streams("the answer", 1)
		return p
	}
	more := bytesOf(stdin(1, "0123456789abcdef"))
	play(t, []row{
		{"another DrainTimeout", func(w *world) {
			p := unread(w, func(s *fastcgi.Server) { s.DrainTimeout = time.Minute })
			start := time.Now()
			for err := error(nil); err == nil; time.Sleep(time.Second) {
				_, err = p.Write(more)
			}
			require.InDelta(w, 60, time.Since(start).Seconds(), 2)
		}},
		{"none: closed at once", func(w *world) {
			p := unread(w, func(s *fastcgi.Server) { s.DrainTimeout = -1 })
			w.settle()
			_, err := p.Write(more)
			require.Error(w, err)
		}},
		{"MaxDrainBytes", func(w *world) {
			p := unread(w, func(s *fastcgi.Server) { s.MaxDrainBytes = 1 << 20 })
			sent := 0
			for n, err := 0, error(nil); err == nil; sent += n {
				n, err = p.Write(more)
			}
			require.InDelta(w, 1<<20, sent, 2*memconn.Size)
		}},
		{"no more bound than the time", func(w *world) {
			p := unread(w, func(s *fastcgi.Server) { s.MaxDrainBytes = -1 })
			piece := bytesOf(stdin(1, string(make([]byte, record.MaxContent))))
			for range 300 {
				p.raw(piece)
			}
		}},
		{"the end of the body ends it", func(w *world) {
			p := unread(w, func(*fastcgi.Server) {})
			p.wantClosed("the sending side only")
			p.send(stdin(1, "all there is"), stdin(1, ""))
			w.settle()
			_, err := p.Write(more)
			require.Error(w, err)
		}},
	}, memory)
}

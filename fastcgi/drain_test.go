package fastcgi_test

import (
	"io"
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

// unread starts a server that reads nothing, and returns a peer that has sent
// this and has its answer.
func (w *world) unread(request []msg, set ...func(s *fastcgi.Server)) *client {
	w.filtering(func(http.ResponseWriter, *http.Request) {}, append(set, func(s *fastcgi.Server) {
		s.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	})...)
	p := w.dial()
	p.send(request...)
	if request[0] == beginAs(1, record.Filter, 0) {
		p.send(stdin(1, ""))
	}
	p.streams("the answer", 1)
	return p
}

// TestDrainTime is in memory, where time passes at will.
func TestDrainTime(t *testing.T) {
	play(t, []row{
		{"a peer that goes on sending after its last answer is heard out for five seconds", func(w *world) {
			p := w.unread(postLast(1, 1))
			start := time.Now()
			for err := error(nil); err == nil; time.Sleep(time.Second / 2) {
				_, err = p.Write(bytesOf(stdin(1, "more")))
			}
			require.InDelta(w, 5, time.Since(start).Seconds(), 1)
		}},
		{"one that only stays is closed, too", func(w *world) {
			p := w.unread(postLast(1, 1))
			time.Sleep(6 * time.Second)
			_, err := p.Write(bytesOf(stdin(1, "more")))
			require.Error(w, err)
		}},
		{"what CONTENT_LENGTH has announced may take as long as it keeps coming, and the end of it ends the connection", func(w *world) {
			p := w.unread(postLast(1, 60*32000))
			for range 60 {
				time.Sleep(4 * time.Second)
				p.send(stdin(1, strings.Repeat("x", 32000)))
			}
			time.Sleep(4 * time.Second)
			p.send(stdin(1, ""))
			w.settle()
			_, err := p.Write(bytesOf(stdin(1, "more")))
			require.Error(w, err)
		}},
		{"so may FCGI_DATA_LENGTH", func(w *world) {
			p := w.unread(append([]msg{beginAs(1, record.Filter, 0)}, filter(1, "POST", 0, 600)[1:]...))
			for range 60 {
				time.Sleep(4 * time.Second)
				p.send(data(1, "0123456789"))
			}
		}},
		{"but not pause for five seconds", func(w *world) {
			p := w.unread(postLast(1, 1<<20))
			time.Sleep(4 * time.Second)
			p.send(stdin(1, "more"))
			time.Sleep(4 * time.Second)
			p.send(stdin(1, "more"))
			time.Sleep(5100 * time.Millisecond)
			_, err := p.Write(bytesOf(stdin(1, "more")))
			require.Error(w, err)
		}},
		{"nor is anything else a sign of its coming, and nothing of it counts twice", func(w *world) {
			w.serve(func(_ http.ResponseWriter, r *http.Request) { io.ReadFull(r.Body, make([]byte, 6)) })
			p := w.dial()
			p.send(append(postLast(1, 9), stdin(1, "012345"))...)
			p.streams("the answer", 1)
			p.send(stdin(1, "678"))
			start := time.Now()
			for err := error(nil); err == nil; time.Sleep(time.Second / 2) {
				_, err = p.Write(bytesOf(stdin(1, "more"), params(9, "x")))
			}
			require.InDelta(w, 5, time.Since(start).Seconds(), 1)
		}},
		{"a length that is too large for a sum bounds nothing else", func(w *world) {
			huge := params(1, vars("POST", "CONTENT_LENGTH", "9223372036854775807"))
			p := w.unread([]msg{begin(1), huge, params(1, "")})
			p.send(beginLast(1), huge, params(1, ""))
			p.streams("the next answer", 1)
			for range 10 {
				time.Sleep(4 * time.Second)
				p.send(stdin(1, "more"))
			}
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
	unread := func(w *world, set func(s *fastcgi.Server)) *client { return w.unread(postLast(1, 1), set) }
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
		{"MaxDrainBytes of what was announced, and then of what was not", func(w *world) {
			p := w.unread(postLast(1, 4<<20), func(s *fastcgi.Server) { s.MaxDrainBytes = 1 << 20 })
			sent, piece := 0, bytesOf(stdin(1, string(make([]byte, record.MaxContent))))
			for n, err := 0, error(nil); err == nil; sent += n {
				n, err = p.Write(piece)
			}
			require.InDelta(w, 5<<20, sent, 3*memconn.Size)
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

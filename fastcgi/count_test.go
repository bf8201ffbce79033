package fastcgi_test

import (
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/race"
	"github.com/stretchr/testify/require"
)

// A counting listener counts the writes on its connections.
type counting struct {
	net.Listener
	writes atomic.Int64
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &countingConn{c, l}, err
}

type countingConn struct {
	net.Conn
	l *counting
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.l.writes.Add(1)
	return c.Conn.Write(p)
}

func TestWrites(t *testing.T) {
	for _, r := range []struct {
		why     string
		handler http.HandlerFunc
		writes  int64
	}{
		{"a small request is answered in one write", hello, 1},
		{"also when it has nothing to say", func(http.ResponseWriter, *http.Request) {}, 1},
		{"a page of 4000 bytes, too", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 4000)) }, 1},
		{"one of 16 KiB, too", func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, 16<<10)) }, 1},
		{"what comes before it goes with it", func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				w.Write(make([]byte, 5000))
			}
		}, 1},
		{"many small writes are gathered", func(w http.ResponseWriter, _ *http.Request) {
			for range 500 {
				io.WriteString(w, "0123456789")
			}
		}, 1},
		{"each Flush is one", func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				io.WriteString(w, "event")
				http.NewResponseController(w).Flush()
			}
		}, 4},
	} {
		t.Run(r.why, func(t *testing.T) {
			play(t, []row{{"on a connection that is kept", func(w *world) {
				w.srv = &fastcgi.Server{Handler: r.handler}
				l := &counting{Listener: w.listen()}
				w.serveOn(l)
				p := w.dial()
				for i := range int64(3) {
					p.send(get(1)...)
					_, _, last := p.streams("the answer", 1)
					require.Equal(w, fin(1, 0), last)
					require.Equal(w, r.writes*(i+1), l.writes.Load())
				}
			}}})
		})
	}
}

// In memory no time passes: elsewhere a slow machine may send what is ready.
func TestWritesTogether(t *testing.T) {
	play(t, []row{{"requests that come together are answered in one write", func(w *world) {
		w.srv = &fastcgi.Server{Handler: http.HandlerFunc(hello)}
		l := &counting{Listener: w.listen()}
		w.serveOn(l)
		p := w.dial()
		for i := range int64(3) {
			p.sendAll(get(1), get(2), get(3), get(4), get(5))
			require.Len(w, p.answers("all of them", 5), 5)
			require.Equal(w, i+1, l.writes.Load())
		}
	}}}, memory)
}

// maxAllocs is what a small request on a kept connection may allocate.
const maxAllocs = 9

func TestAllocations(t *testing.T) {
	if race.Enabled {
		t.Log("the race detector allocates: only that it answers is tested")
	}
	play(t, []row{{"a small request on a kept connection", func(w *world) {
		w.serve(hello)
		p := w.dial()
		request, buf := smallRequest(1, 1), make([]byte, 4096)
		n := testing.AllocsPerRun(200, func() {
			p.Write(request)
			readResponse(t, p.Conn, buf)
		})
		if !race.Enabled {
			require.LessOrEqual(w, n, float64(maxAllocs))
		}
	}}}, onUnix, onTCP)
}

package fastcgi_test

import (
	"io"
	"net"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A stalled body of a request takes little more than what reads of it need.
func TestMemoryOfStalledBodies(t *testing.T) {
	const conns, size, rest = 100, 32 << 10, 50 << 10
	body := sample(4 * size)
	all := cut{sizes: []int{size}, paddings: []uint8{0}}.records(body)
	record := size + record.HeaderLen
	unknown := bytesOf(stdin(9, string(body[:size])))
	for _, r := range []struct {
		why  string
		sent []byte
		buf  int // of the handler; 0: io.Copy has one of 40 KiB
	}{
		{"after three records", all[:3*record], 0},
		{"within the fourth", all[:3*record+size/2], 0},
		{"in a header that follows records which nobody expected", slices.Concat(all[:2*record], unknown, unknown, unknown, all[2*record:2*record+3]), 0},
		{"there, with a large buffer", slices.Concat(all[:2*record], unknown, unknown, unknown, all[2*record:2*record+3]), 128 << 10},
	} {
		play(t, []row{{r.why, func(w *world) {
			w.srv = &fastcgi.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
				if r.buf > 0 {
					with(make([]byte, r.buf))(io.Discard, req.Body)
				}
				io.Copy(io.Discard, req.Body)
			})}
			l := w.listen()
			before := live()
			var peers []*client
			for range conns {
				p := w.dial()
				p.raw(append(bytesOf(post(1, len(body))...), r.sent...))
				peers = append(peers, p)
			}
			w.serveOn(l)
			for _, p := range peers {
				for end := time.Now().Add(wait); p.unread() > 0 && time.Now().Before(end); {
					w.pass()
				}
			}
			time.Sleep(10 * time.Millisecond) // for what happens when all is read
			require.Less(w, (live()-before)/conns, int64(max(r.buf, 40<<10)+rest))
		}}}, onUnix)
	}
}

// unread returns how many bytes the server has yet to read, on a unix socket.
func (p *client) unread() (n int) {
	raw, err := p.Conn.(*net.UnixConn).SyscallConn()
	require.NoError(p, err)
	require.NoError(p, raw.Control(func(fd uintptr) { n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ) }))
	require.NoError(p, err)
	return n
}

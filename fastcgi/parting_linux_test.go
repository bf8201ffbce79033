package fastcgi_test

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// TestParting: a web server that keeps a connection must not take it for the
// next request once it has the last answer. On TCP the end comes in the packet
// of that.
func TestParting(t *testing.T) {
	shown := func(s *fastcgi.Server) {
		s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { return ctx }
	}
	var rows []row
	for why, set := range map[string][]func(*fastcgi.Server){"a descriptor": nil, "a net.Conn": {shown}} {
		rows = append(rows, row{why, func(w *world) { w.parts(set) }})
	}
	play(t, rows, onTCP)
}

func (w *world) parts(set []func(*fastcgi.Server)) {
	running, release := make(chan bool), make(chan bool)
	w.serve(func(rw http.ResponseWriter, r *http.Request) {
		running <- true
		<-release
		echo(rw, r)
	}, set...)
	p := w.dial()
	p.send(get(1)...)
	receive(w, "the handler runs", running)
	done := w.shutdown()
	w.refusing()
	raw, err := p.Conn.(*net.TCPConn).SyscallConn()
	require.NoError(w, err)
	events := make(chan int16, 1)
	go raw.Control(func(fd uintptr) {
		list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN | unix.POLLRDHUP}}
		for err := error(unix.EINTR); err == unix.EINTR; {
			_, err = unix.Poll(list, -1)
		}
		events <- list[0].Revents
	})
	release <- true
	require.EqualValues(w, unix.POLLIN|unix.POLLRDHUP, receive(w, "something comes", events))
	p.want("the whole answer", answer(1, "GET ")...)
	p.wantClosed("although it was to be kept")
	p.Close()
	require.NoError(w, receive(w, "it ends", done))
}

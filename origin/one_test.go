package origin

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// listening is a server on a free port, with a quiet log.
func listening(t *testing.T, h http.Handler) (*Server, *gate) {
	s, err := NewServer("", 0, h)
	require.NoError(t, err)
	g := &gate{Server: s, t: t, dial: func() (net.Conn, error) { return net.Dial("tcp", s.Addr) }}
	s.ErrorLog = g.log.logger()
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s, g
}

// hearOut is a client that reads to the end and leaves.
func hearOut(p *peer) {
	io.Copy(io.Discard, p)
	p.Close()
}

func TestNewServer(t *testing.T) {
	s, g := listening(t, echo)
	require.Regexp(t, `^127\.0\.0\.1:[1-9]\d*$`, s.Addr, "no host is no reason to bind every interface, and Addr names the port")

	_, port, _ := net.SplitHostPort(s.Addr)
	n, _ := strconv.Atoi(port)
	_, err := NewServer("127.0.0.1", n, echo)
	require.ErrorIs(t, err, syscall.EADDRINUSE, "it listens at once")
	_, err = NewServer("127.0.0.1", 65536, echo)
	require.Error(t, err)

	p := g.peer()
	p.send(get("Connection: close"))
	done := make(chan error)
	go func() { done <- s.ListenAndServe() }()
	p.want("who came before it served is served", response("200 OK", `GET / ""`, "Connection: close"))
	require.NoError(t, s.Shutdown(context.Background()))
	require.Equal(t, ErrServerClosed, <-done)
	_, err = g.dial()
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestNewServerNeverServed(t *testing.T) {
	for _, end := range []func(*Server) error{(*Server).Close, func(s *Server) error { return s.Shutdown(context.Background()) }} {
		s, err := NewServer("localhost", 0, nil)
		require.NoError(t, err)
		require.NoError(t, end(s))
		_, err = net.Dial("tcp", s.Addr)
		require.ErrorIs(t, err, syscall.ECONNREFUSED, "the port is free")
		require.Equal(t, ErrServerClosed, s.ListenAndServe())
		require.Equal(t, ErrServerClosed, s.ServeOne())
	}
}

func TestServeOne(t *testing.T) {
	s, g := listening(t, says("hello"))
	for range 3 {
		p, done := g.peer(), make(chan error)
		p.send(get() + get())
		go func() { done <- s.ServeOne() }()
		p.want("one request", response("200 OK", "hello", "Connection: close"))
		p.wantEnd("and no other")
		p.Close()
		require.NoError(t, <-done)
	}
}

func TestServeOneWithoutTheHandler(t *testing.T) {
	s, g := listening(t, echo)
	p := g.peer()
	p.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n" + get())
	done := make(chan error)
	go func() { done <- s.ServeOne() }()
	p.want("what the server answers itself is a request, too", response("200 OK", "", "Connection: close"))
	p.wantEnd("and there is no other")
	p.Close()
	require.NoError(t, <-done)
}

func TestServeOneWaitsForTheEnd(t *testing.T) {
	ended := false
	s, g := listening(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		ended = true
	}))
	p := g.peer()
	p.send(post("Content-Length: 5"))
	p.send("hello")
	go hearOut(p)
	require.NoError(t, s.ServeOne())
	require.True(t, ended)
}

func TestServeOneThatBringsNothing(t *testing.T) {
	s, g := listening(t, echo)
	g.peer().Close()
	require.NoError(t, s.ServeOne(), "nobody asked")

	p := g.peer()
	p.send("nonsense\r\n\r\n")
	go hearOut(p)
	require.NoError(t, s.ServeOne(), "nobody asked for anything")
	require.Contains(t, g.log.String(), "request refused")

	p = g.peer()
	p.send(get())
	go hearOut(p)
	s.SetApp(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	require.NoError(t, s.ServeOne(), "the handler gave up")
}

func TestServeOneThenForever(t *testing.T) {
	s, g := listening(t, says("hello"))
	p := g.peer()
	p.send(get())
	go hearOut(p)
	require.NoError(t, s.ServeOne())

	done := make(chan error)
	go func() { done <- s.ListenAndServe() }()
	p = g.peer()
	for range 2 {
		p.send(get())
		p.want("on the same port, and the connection stays", response("200 OK", "hello"))
	}
	require.NoError(t, s.Close())
	require.Equal(t, ErrServerClosed, <-done)
}

func TestServeOneIsClosed(t *testing.T) {
	s := &Server{Addr: "127.0.0.1:0", Handler: echo}
	listens := make(chan net.Listener, 1)
	s.BaseContext = func(l net.Listener) context.Context {
		listens <- l
		return context.Background()
	}
	done := make(chan error)
	go func() { done <- s.ServeOne() }()
	l := <-listens
	require.IsType(t, new(net.TCPListener), l, "BaseContext gets the listener itself")
	require.NoError(t, s.Close())
	require.Equal(t, ErrServerClosed, <-done, "while it waits")
	_, err := net.Dial("tcp", l.Addr().String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestServeOneRefusesPeers(t *testing.T) {
	s, _ := listening(t, says("hello"))
	s.AllowAddrs = []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}
	done := make(chan error)
	go func() { done <- s.ServeOne() }()
	stranger, err := net.Dial("tcp", s.Addr)
	require.NoError(t, err)
	defer stranger.Close()
	_, err = stranger.Read(make([]byte, 1))
	require.Equal(t, io.EOF, err, "who may not connect is closed")
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	friend, err := from.Dial("tcp", s.Addr)
	require.NoError(t, err)
	defer friend.Close()
	io.WriteString(friend, get())
	answer, err := io.ReadAll(friend)
	require.NoError(t, err)
	require.Contains(t, string(answer), "hello")
	require.NoError(t, <-done, "and does not count")
}

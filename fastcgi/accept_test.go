package fastcgi_test

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/stretchr/testify/require"
)

// dialler serves h on a unix socket and returns how to connect to it.
func dialler(t *testing.T, h http.HandlerFunc) func() net.Conn {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	s := &fastcgi.Server{Handler: h}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-served, fastcgi.ErrServerClosed)
	})
	return func() net.Conn {
		c, err := net.Dial("unix", path)
		require.NoError(t, err)
		t.Cleanup(func() { c.Close() })
		return c
	}
}

// quickOnes makes many requests, each on a connection of its own, all of them
// waiting before they are accepted, so that the server serves them one after
// the other.
func quickOnes(t *testing.T, dial func() net.Conn) {
	for range 20 {
		var conns []net.Conn
		for range 8 {
			c := dial()
			_, err := c.Write(smallRequest(1, 0))
			require.NoError(t, err)
			conns = append(conns, c)
		}
		for _, c := range conns {
			readResponse(t, c, make([]byte, 4096))
			c.Close()
		}
	}
}

func TestHandlerThatBlocksHoldsNobodyUp(t *testing.T) {
	var block chan struct{}
	entered := make(chan struct{}, 8)
	dial := dialler(t, func(w http.ResponseWriter, r *http.Request) {
		if block != nil {
			entered <- struct{}{}
			<-block
		}
		io.WriteString(w, "Hello, World!")
	})
	quickOnes(t, dial)
	block = make(chan struct{})
	var conns []net.Conn
	for range 8 {
		c := dial()
		_, err := c.Write(smallRequest(1, 0))
		require.NoError(t, err)
		conns = append(conns, c)
	}
	for range conns {
		<-entered // all handlers are in it together
	}
	close(block)
	for _, c := range conns {
		readResponse(t, c, make([]byte, 4096))
	}
}

func TestHandlerThatEndsItsGoroutineDoesNotEndAccepting(t *testing.T) {
	exit := false
	dial := dialler(t, func(w http.ResponseWriter, r *http.Request) {
		if exit {
			runtime.Goexit()
		}
		io.WriteString(w, "Hello, World!")
	})
	quickOnes(t, dial)
	exit = true
	for range 8 {
		c := dial()
		_, err := c.Write(smallRequest(1, 0))
		require.NoError(t, err)
		io.ReadAll(c)
	}
	exit = false
	quickOnes(t, dial)
}

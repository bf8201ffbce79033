package postern

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// slow starts a server with the timeouts that set makes.
func slow(t *testing.T, h http.HandlerFunc, set func(*Server)) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := start(t, h, func(s *Server) error {
		set(s)
		return s.Serve(ctx)
	})
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-r.ended)
	})
	return r
}

func TestReadHeaderTimeout(t *testing.T) {
	r := slow(t, func(http.ResponseWriter, *http.Request) { t.Error("no request is whole") },
		func(s *Server) { s.ReadHeaderTimeout = time.Millisecond })
	for protocol, begin := range map[string]string{"fastcgi": "\x01", "scgi": "7", "http": "G"} {
		c, err := net.Dial("unix", filepath.Join(r.dir, protocol))
		require.NoError(t, err)
		io.WriteString(c, begin)
		_, err = io.ReadAll(c)
		require.NoError(t, err, "the server gives up: %s", protocol)
		require.NoError(t, c.Close())
	}
}

func TestReadTimeout(t *testing.T) {
	failed := make(chan error, 1)
	r := slow(t, func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		failed <- err
	}, func(s *Server) { s.ReadTimeout = time.Millisecond })
	for protocol, client := range r.clients {
		body, stalls := io.Pipe()
		q, err := http.NewRequest(http.MethodPost, "http://postern.test/", body)
		require.NoError(t, err)
		q.ContentLength = 10
		answered := make(chan error, 1)
		go func() {
			answer, err := client.RoundTrip(q)
			if err == nil {
				err = answer.Body.Close()
			}
			answered <- err
		}()
		require.ErrorIs(t, <-failed, os.ErrDeadlineExceeded, protocol)
		stalls.CloseWithError(errors.New("never comes"))
		<-answered // one way or the other
	}
}

func TestWriteTimeout(t *testing.T) {
	failed := make(chan error, 1)
	r := slow(t, func(w http.ResponseWriter, r *http.Request) {
		block := make([]byte, 1<<20)
		for {
			if _, err := w.Write(block); err != nil {
				failed <- err
				return
			}
		}
	}, func(s *Server) { s.WriteTimeout = 20 * time.Millisecond })
	for protocol, client := range r.clients {
		q, err := http.NewRequest(http.MethodGet, "http://postern.test/", nil)
		require.NoError(t, err)
		answer, err := client.RoundTrip(q)
		require.NoError(t, err, protocol)
		require.Error(t, <-failed, protocol)
		answer.Body.Close()
	}
}

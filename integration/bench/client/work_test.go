package client_test

import (
	"io"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/integration/bench/client"
	"github.com/postern-go/postern/integration/bench/floor"
	"github.com/postern-go/postern/origin"
	"github.com/postern-go/postern/scgi"
)

var handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/large" {
		w.Write(make([]byte, 100_000))
		w.Write(make([]byte, 100_000))
		return
	}
	n, _ := io.Copy(io.Discard, r.Body)
	w.Write(make([]byte, 13+n/1000))
})

func TestWork(t *testing.T) {
	servers := map[string]func(l net.Listener) error{
		"fastcgi": func(l net.Listener) error { return (&fastcgi.Server{Handler: handler}).Serve(l) },
		"floor":   func(l net.Listener) error { return floor.Serve(l, handler) },
		"scgi":    func(l net.Listener) error { return (&scgi.Server{Handler: handler}).Serve(l) },
		"origin":  func(l net.Listener) error { return (&origin.Server{Handler: handler}).Serve(l) },
	}
	for _, row := range []struct {
		why, server string
		work        client.Work
	}{
		{"FastCGI on kept connections", "fastcgi", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 4, Size: 13}},
		{"FastCGI on new connections", "fastcgi", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 4, New: true, Size: 13}},
		{"several requests on a connection", "fastcgi", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 2, Batch: 16, Size: 13}},
		{"a request body", "fastcgi", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 2, Upload: 300_000, Size: 313}},
		{"a large answer", "fastcgi", client.Work{Protocol: client.FastCGI, Path: "/large", Conns: 2, Size: 200_000}},
		{"the floor", "floor", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 4, Size: 13}},
		{"the floor with several requests", "floor", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 2, Batch: 16, Size: 13}},
		{"the floor with a request body", "floor", client.Work{Protocol: client.FastCGI, Path: "/", Conns: 2, Upload: 300_000, Size: 313}},
		{"the floor with a large answer", "floor", client.Work{Protocol: client.FastCGI, Path: "/large", Conns: 2, Size: 200_000}},
		{"SCGI", "scgi", client.Work{Protocol: client.SCGI, Path: "/", Conns: 4, Size: 13}},
		{"SCGI with a request body", "scgi", client.Work{Protocol: client.SCGI, Path: "/", Conns: 4, Upload: 300_000, Size: 313}},
		{"HTTP on kept connections", "origin", client.Work{Protocol: client.HTTP, Path: "/", Conns: 4, Size: 13}},
		{"HTTP with a request body", "origin", client.Work{Protocol: client.HTTP, Path: "/", Conns: 4, Upload: 300_000, Size: 313}},
		{"HTTP in chunks", "origin", client.Work{Protocol: client.HTTP, Path: "/large", Conns: 4, Size: 200_000}},
	} {
		t.Run(row.why, func(t *testing.T) {
			socket := filepath.Join(t.TempDir(), "s")
			l, err := net.Listen("unix", socket)
			require.NoError(t, err)
			done := make(chan error, 1)
			go func() { done <- servers[row.server](l) }()
			n, err := row.work.Run("unix", socket, time.Minute, 50)
			require.NoError(t, err)
			require.GreaterOrEqual(t, n, int64(50))
			row.work.Size++
			_, err = row.work.Run("unix", socket, time.Minute, 1)
			require.ErrorContains(t, err, "answer of", "an answer of another size is an error")
			release, err := row.work.Hold("unix", socket, 1, 0)
			require.NoError(t, err)
			release()
			require.NoError(t, l.Close())
			<-done
		})
	}
}

package integration

import (
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A worker is the test application as a server of one protocol.
type worker struct {
	*process
	network, address string // where it listens
}

// startWorker serves a protocol ("fastcgi", "scgi", "http") on a unix socket or on a loopback port that the worker chooses.
func startWorker(t *testing.T, program, protocol, network string) *worker {
	t.Helper()
	address := "127.0.0.1:0"
	if network == "unix" {
		address = filepath.Join(newDir(t), "app.sock")
	}
	return startWorkerAt(t, program, protocol, network, address)
}

func startWorkerAt(t *testing.T, program, protocol, network, address string) *worker {
	t.Helper()
	dir := newDir(t)
	prefix := protocol + "://"
	if network == "unix" {
		prefix = protocol + "+unix://"
	}
	ready := filepath.Join(dir, "ready")
	p := start(t, command{name: protocol, dir: dir, argv: []string{program, "--listen", prefix + address, "--ready", ready}})
	waitFor(t, "the worker listens", func() bool {
		require.True(t, p.running(), "the worker ended: %s", p.output(t))
		return exists(ready)
	})
	address, found := strings.CutPrefix(string(waitForFile(t, "the address is known", ready)), prefix)
	require.True(t, found, "address %q", address)
	return &worker{p, network, address}
}

func (w *worker) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial(w.network, w.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// nginxAddress is how nginx names the worker.
func (w *worker) nginxAddress() string {
	if w.network == "unix" {
		return "unix:" + w.address
	}
	return w.address
}

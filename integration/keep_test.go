package integration

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKeptConnections shows that one configuration leaves a connection to the worker open between requests, and the other none.
func TestKeptConnections(t *testing.T) {
	for _, row := range []struct {
		why, conf string
		idle      int // connections between requests
	}{
		{"a connection for each request", "nginx-fastcgi.conf", 0},
		{"one connection for all requests", "nginx-fastcgi-keep.conf", 1},
	} {
		for _, network := range []string{"unix", "tcp"} {
			t.Run(network+": "+row.why, func(t *testing.T) {
				w := startWorker(t, testapp, "fastcgi", network)
				before := sockets(t, w.process)
				s := startNginx(t, row.conf, w)
				o := &opened{server: s, client: newClient(t, s)} // one connection to nginx, so one process of nginx
				for range 5 {
					o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
				}
				waitFor(t, fmt.Sprintf("%d connections are left", row.idle), func() bool {
					return sockets(t, w.process) == before+row.idle
				})
			})
		}
	}
}

// sockets counts the open sockets of a process.
func sockets(t *testing.T, p *process) int {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	n := 0
	for _, entry := range entries {
		target, err := os.Readlink(filepath.Join(dir, entry.Name()))
		if err == nil && strings.HasPrefix(target, "socket:") { // one may close meanwhile
			n++
		}
	}
	return n
}

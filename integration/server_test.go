package integration

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the files of conf/ show. A test puts its own in its place.
const (
	shownFront   = "127.0.0.1:8080"
	socketPath   = "/run/app.sock"
	shownSocket  = "unix:" + socketPath
	shownProgram = "/usr/lib/cgi-bin"
)

// A replace is a text that a file of conf/ shows, and what a test puts in its place.
type replace struct{ shown, actual string }

// A webServer is one of the brands with one of the files of conf/.
type webServer struct {
	*process
	network, address string // where it listens
	errorLog         string // where the error streams of requests end
}

// startNginx starts nginx with a file of conf/ on a unix socket.
func startNginx(t *testing.T, conf string, w *worker) *webServer {
	t.Helper()
	return nginx.start(t, conf, nginx.worker(w))
}

// startNginxTCP is startNginx on a loopback port, for tests where the address of the client matters.
func startNginxTCP(t *testing.T, conf string, w *worker) *webServer {
	t.Helper()
	return nginx.startTCP(t, conf, nginx.worker(w))
}

// program finds a web server, also where the directories of administrators are not in PATH.
func program(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	path, err := exec.LookPath(filepath.Join("/usr/sbin", name))
	require.NoError(t, err, "run integration/packages.sh")
	return path
}

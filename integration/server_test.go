package integration

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The addresses that the files of conf/ show. A test puts its own in their place.
const (
	shownFront   = "127.0.0.1:8080"
	shownSocket  = "unix:/run/app.sock"
	shownProgram = "/usr/lib/cgi-bin"
)

// A webServer is nginx or Apache with one of the files of conf/.
type webServer struct {
	*process
	network, address string // where it listens
	errorLog         string
}

func (s *webServer) dial() (net.Conn, error) { return net.Dial(s.network, s.address) }

// startNginx starts nginx with a file of conf/ on a unix socket.
func startNginx(t *testing.T, conf string, w *worker) *webServer {
	t.Helper()
	dir := newDir(t)
	front := filepath.Join(dir, "front.sock")
	p := launchNginx(t, dir, conf, "unix:"+front, w)
	waitFor(t, "nginx listens", func() bool {
		require.True(t, p.running(), "nginx ended: %s", p.logs(t))
		return exists(filepath.Join(dir, "pid"))
	})
	return &webServer{p, "unix", front, filepath.Join(dir, "error.log")}
}

// startNginxTCP is startNginx on a loopback port, for tests where the address of the client matters.
func startNginxTCP(t *testing.T, conf string, w *worker) *webServer {
	t.Helper()
	dir := newDir(t)
	p, address := onFreePort(t, filepath.Join(dir, "pid"), func(address string) *process {
		return launchNginx(t, dir, conf, address, w)
	})
	return &webServer{p, "tcp", address, filepath.Join(dir, "error.log")}
}

func launchNginx(t *testing.T, dir, conf, listen string, w *worker) *process {
	t.Helper()
	writeConf(t, dir, "nginx.conf", filepath.Join("frame", "nginx.conf"), replace{"/run/nginx", dir})
	writeConf(t, dir, "site.conf", conf, replace{"listen " + shownFront, "listen " + listen},
		replace{shownSocket, w.nginxAddress()})
	argv := []string{program(t, "nginx"), "-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log")}
	return start(t, command{name: "nginx", dir: dir, argv: argv})
}

// startApache starts Apache with a file of conf/; it listens on ports only.
func startApache(t *testing.T, conf string, own replace) *webServer {
	t.Helper()
	dir := newDir(t)
	writeConf(t, dir, "apache.conf", filepath.Join("frame", "apache.conf"), replace{"/run/apache", dir})
	argv := []string{program(t, "apache2"), "-D", "FOREGROUND", "-f", filepath.Join(dir, "apache.conf")}
	p, address := onFreePort(t, filepath.Join(dir, "pid"), func(address string) *process {
		writeConf(t, dir, "site.conf", conf, replace{shownFront, address}, own)
		return start(t, command{name: "apache", dir: dir, argv: argv})
	})
	return &webServer{p, "tcp", address, filepath.Join(dir, "error.log")}
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

type replace struct{ shown, actual string }

// writeConf copies a file of conf/ with the test's own addresses in place of those it shows.
func writeConf(t *testing.T, dir, name, conf string, own ...replace) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("conf", conf))
	require.NoError(t, err)
	text := string(content)
	for _, r := range own {
		require.Contains(t, text, r.shown, "conf/%s", conf)
		text = strings.ReplaceAll(text, r.shown, r.actual)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
}

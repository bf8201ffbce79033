package integration

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A brand is what all web servers of one name have in common.
type brand struct {
	name    string                      // of its frame, conf/frame/NAME.conf, where its paths begin with /run/NAME
	program string                      // what starts it
	args    func(dir string) []string   // in the directory of the test
	log     string                      // the file there that gets what FastCGI requests say on their error streams
	up      func(s *webServer) bool     // whether it listens
	unix    func(path string) []replace // how its files name a unix socket to listen at; nil: it listens on ports only
	tcp     func(address string) []replace
	ends    func(error) bool        // how else than with status 0 it ends after SIGTERM
	worker  func(w *worker) replace // how the files with FastCGI and SCGI name their worker
}

var (
	nginx = brand{
		name: "nginx", program: "nginx", log: "error.log", up: hasPid,
		args: func(dir string) []string {
			return []string{"-p", dir, "-c", filepath.Join(dir, "nginx.conf"), "-e", filepath.Join(dir, "error.log")}
		},
		unix:   func(path string) []replace { return []replace{{"listen " + shownFront, "listen unix:" + path}} },
		tcp:    func(address string) []replace { return []replace{{shownFront, address}} },
		worker: func(w *worker) replace { return replace{shownSocket, w.nginxAddress()} },
	}
	apache = brand{
		name: "apache", program: "apache2", log: "error.log", up: hasPid,
		args: func(dir string) []string {
			return []string{"-D", "FOREGROUND", "-f", filepath.Join(dir, "apache.conf")}
		},
		tcp:    func(address string) []replace { return []replace{{shownFront, address}} },
		worker: apacheWorker,
	}
	lighttpd = brand{
		name: "lighttpd", program: "lighttpd", log: "error.log", up: accepts,
		ends: exitedWith1, // where connections are open
		args: func(dir string) []string { return []string{"-D", "-f", filepath.Join(dir, "lighttpd.conf")} },
		tcp: func(address string) []replace {
			return []replace{{"server.port = 8080", "server.port = " + portOf(address)}}
		},
		worker: lighttpdWorker,
	}
	haproxy = brand{
		name: "haproxy", program: "haproxy", log: "haproxy.log", up: accepts, ends: killedByTERM,
		args: func(dir string) []string {
			return []string{"-db", "-f", filepath.Join(dir, "haproxy.conf"), "-f", filepath.Join(dir, "site.conf")}
		},
		tcp:    func(address string) []replace { return []replace{{shownFront, address}} },
		worker: func(w *worker) replace { return replace{"server app " + socketPath, "server app " + w.address} },
	}
	caddy = brand{
		name: "caddy", program: "caddy", log: "caddy.log", up: accepts,
		args: func(dir string) []string {
			return []string{"run", "--adapter", "caddyfile", "--config", filepath.Join(dir, "caddy.conf")}
		},
		tcp:    func(address string) []replace { return []replace{{"http://:8080", "http://:" + portOf(address)}} },
		worker: caddyWorker,
	}
)

func brands() []brand { return []brand{nginx, apache, lighttpd, haproxy, caddy} }

func apacheWorker(w *worker) replace {
	if w.network == "unix" {
		return replace{shownSocket, "unix:" + w.address}
	}
	return replace{shownSocket + "|fcgi://app", "fcgi://" + w.address}
}

func lighttpdWorker(w *worker) replace {
	if w.network == "unix" {
		return replace{socketPath, w.address}
	}
	return replace{`"socket" => "` + socketPath + `"`, `"host" => "127.0.0.1", "port" => ` + portOf(w.address)}
}

func caddyWorker(w *worker) replace {
	if w.network == "unix" {
		return replace{socketPath, w.address}
	}
	return replace{"unix/" + socketPath, w.address}
}

func portOf(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }

// hasPid is for servers that write the file when they listen.
func hasPid(s *webServer) bool { return exists(filepath.Join(s.cmd.Dir, "pid")) }

func accepts(s *webServer) bool {
	c, err := s.dial()
	if err != nil {
		return false
	}
	return c.Close() == nil
}

// start starts a web server with a file of conf/ on a unix socket, where it can, and otherwise on a port.
func (b brand) start(t *testing.T, conf string, own ...replace) *webServer {
	t.Helper()
	if b.unix == nil {
		return b.startTCP(t, conf, own...)
	}
	dir := newDir(t)
	s := b.launch(t, dir, conf, "unix", filepath.Join(dir, "front.sock"), own)
	waitFor(t, b.name+" listens", func() bool {
		require.True(t, s.running(), "%s ended: %s", b.name, s.logs(t))
		return b.up(s)
	})
	return s
}

// startTCP is start on a loopback port, for tests where the address of the client matters.
func (b brand) startTCP(t *testing.T, conf string, own ...replace) *webServer {
	t.Helper()
	dir := newDir(t)
	return onFreePort(t, b, func(address string) *webServer { return b.launch(t, dir, conf, "tcp", address, own) })
}

func (b brand) launch(t *testing.T, dir, conf, network, address string, own []replace) *webServer {
	t.Helper()
	listen := b.tcp
	if network == "unix" {
		listen = b.unix
	}
	frame := readConf(t, filepath.Join("frame", b.name+".conf"))
	frame.replace(t, replace{"/run/" + b.name, dir})
	site := readConf(t, conf)
	if b.name == lighttpd.name { // its sites do not say where it listens
		frame.replace(t, listen(address)...)
	} else {
		site.replace(t, listen(address)...)
	}
	site.replace(t, own...)
	frame.write(t, filepath.Join(dir, b.name+".conf"))
	site.write(t, filepath.Join(dir, "site.conf"))
	argv := append([]string{program(t, b.program)}, b.args(dir)...)
	p := start(t, command{name: b.name, dir: dir, argv: argv})
	p.ends = b.ends
	return &webServer{p, network, address, filepath.Join(dir, b.log)}
}

// A configuration is a file of conf/ on its way into the directory of a test.
type configuration struct{ name, text string }

func readConf(t *testing.T, name string) *configuration {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("conf", name))
	require.NoError(t, err)
	return &configuration{name, string(content)}
}

// replace puts the test's own in place of what the file shows.
func (c *configuration) replace(t *testing.T, own ...replace) {
	t.Helper()
	for _, r := range own {
		require.Contains(t, c.text, r.shown, "conf/%s", c.name)
		c.text = strings.ReplaceAll(c.text, r.shown, r.actual)
	}
}

func (c *configuration) write(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(c.text), 0o644))
}

func (s *webServer) dial() (net.Conn, error) { return net.Dial(s.network, s.address) }

package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// cgiGates are the web servers and gateways that start the test application for each request.
func cgiGates() []gate {
	return []gate{
		{"Apache, CGI program", "cgi", throughCGI(apache, "apache-cgi.conf", testapp)},
		{"Apache, CGI program by mod_cgi", "cgi", throughCGI(apachePrefork, "apache-cgi.conf", testapp)},
		{"lighttpd, CGI program", "cgi", throughCGI(lighttpd, "lighttpd-cgi.conf", testappLean)},
		{"busybox httpd, CGI program", "cgi", throughDirectory(busybox)},
		{"mini_httpd, CGI program", "cgi", throughDirectory(miniHTTPd)},
		{"fcgiwrap, CGI program", "cgi", throughWrapper("nginx-fcgiwrap.conf", fcgiwrap)},
		{"uWSGI, CGI program", "cgi", throughWrapper("nginx-uwsgi.conf", uwsgi)},
	}
}

// apachePrefork is Apache with mod_cgi, which does not go with threads.
var apachePrefork = brand{
	name: "apache-prefork", program: "apache2", log: "error.log", up: hasPid,
	args: func(dir string) []string {
		return []string{"-D", "FOREGROUND", "-f", filepath.Join(dir, "apache-prefork.conf")}
	},
	tcp: apache.tcp,
}

// throughCGI puts the very program that serves sockets elsewhere, or one without the race detector for servers that do not pass GORACE on, into a
// directory of CGI programs.
func throughCGI(b brand, conf, app string) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		dir := cgiBin(t, app)
		s := b.start(t, conf, replace{shownProgram, dir})
		stderr := s.errorLog
		if b.name == lighttpd.name { // programs have its own standard error
			stderr = s.log
		}
		return &opened{server: s, mount: "/app", stderr: stderr, client: newClient(t, s), marks: newDir(t)}
	}
}

// cgiBin makes a directory with a program in it that is called app.
func cgiBin(t *testing.T, program string) string {
	t.Helper()
	dir := newDir(t)
	require.NoError(t, os.Link(program, filepath.Join(dir, "app")))
	return dir
}

// A directoryServer is a web server without a configuration file.
type directoryServer struct {
	name    string
	program string
	args    func(root, address string) []string // programs are in the directory cgi-bin of root
}

var (
	busybox = directoryServer{"busybox", "busybox", func(root, address string) []string {
		return []string{"httpd", "-f", "-p", address, "-h", root}
	}}
	miniHTTPd = directoryServer{"mini_httpd", "mini_httpd", func(root, address string) []string {
		return []string{"-D", "-h", "127.0.0.1", "-p", portOf(address), "-d", root, "-c", "cgi-bin/*"}
	}}
)

func throughDirectory(d directoryServer) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		root := newDir(t)
		require.NoError(t, os.Mkdir(filepath.Join(root, "cgi-bin"), 0o755))
		require.NoError(t, os.Link(testappLean, filepath.Join(root, "cgi-bin", "app")))
		dir := newDir(t)
		s := onFreePort(t, brand{name: d.name, up: accepts}, func(address string) *webServer {
			argv := append([]string{program(t, d.program)}, d.args(root, address)...)
			p := start(t, command{name: d.name, dir: dir, argv: argv})
			p.forgiven = true // they know no orderly end
			return &webServer{p, "tcp", address, p.log}
		})
		client := newClient(t, s)
		client.Transport.(*http.Transport).DisableKeepAlives = true // they close without saying so
		return &opened{server: s, mount: "/cgi-bin/app", stderr: s.errorLog, client: client, marks: newDir(t)}
	}
}

// A wrapper is what starts programs for nginx: its arguments for a socket and the directory of a program.
type wrapper struct {
	program string
	args    func(socket, dir string) []string
}

var (
	fcgiwrap = wrapper{"fcgiwrap", func(socket, _ string) []string { return []string{"-f", "-s", "unix:" + socket} }}
	uwsgi    = wrapper{"uwsgi-core", func(socket, dir string) []string {
		return []string{"--plugin", "cgi", "--socket", socket, "--cgi", "/app=" + filepath.Join(dir, "app"), "--die-on-term"}
	}}
)

func throughWrapper(conf string, w wrapper) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		dir, bin := newDir(t), cgiBin(t, testappLean)
		socket := filepath.Join(dir, "app.sock")
		p := start(t, command{name: w.program, dir: dir, argv: append([]string{program(t, w.program)}, w.args(socket, bin)...)})
		p.forgiven = true
		waitFor(t, w.program+" listens", func() bool { return exists(socket) })
		own := []replace{{shownSocket, "unix:" + socket}}
		stderr := p.log
		if w.program == fcgiwrap.program {
			own = append(own, replace{shownProgram, bin})
		}
		s := nginx.start(t, conf, own...)
		if w.program == fcgiwrap.program {
			stderr = s.errorLog
		}
		return &opened{server: s, mount: "/app", stderr: stderr, client: newClient(t, s), marks: newDir(t)}
	}
}

package integration

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/integration/testapp/app"
)

// fastcgiGates are the web servers that speak FastCGI to a program that is the test application.
func fastcgiGates(program string) []gate {
	by := func(b brand, conf, network string, own ...replace) func(*testing.T) *opened {
		return throughWorker(program, b, conf, "fastcgi", network, own...)
	}
	return []gate{
		{"nginx, FastCGI on a unix socket", "fastcgi", by(nginx, "nginx-fastcgi.conf", "unix")},
		{"nginx, FastCGI on TCP", "fastcgi", by(nginx, "nginx-fastcgi.conf", "tcp")},
		{"nginx, kept FastCGI connections on a unix socket", "fastcgi", by(nginx, "nginx-fastcgi-keep.conf", "unix")},
		{"nginx, kept FastCGI connections on TCP", "fastcgi", by(nginx, "nginx-fastcgi-keep.conf", "tcp")},
		{"nginx, unbuffered FastCGI on a unix socket", "fastcgi", by(nginx, "nginx-fastcgi-stream.conf", "unix")},
		{"nginx, unbuffered FastCGI on TCP", "fastcgi", by(nginx, "nginx-fastcgi-stream.conf", "tcp")},
		{"nginx, unbuffered kept FastCGI connections on a unix socket", "fastcgi",
			by(nginx, "nginx-fastcgi-keep.conf", "unix", unbuffered)},
		{"nginx, unbuffered kept FastCGI connections on TCP", "fastcgi",
			by(nginx, "nginx-fastcgi-keep.conf", "tcp", unbuffered)},
		{"Apache, FastCGI on a unix socket", "fastcgi", by(apache, "apache-fastcgi.conf", "unix")},
		{"Apache, FastCGI on TCP", "fastcgi", by(apache, "apache-fastcgi.conf", "tcp")},
		{"Apache, kept FastCGI connections", "fastcgi", by(apache, "apache-fastcgi.conf", "unix", kept)},
		{"Apache, FastCGI by SetHandler on a unix socket", "fastcgi", throughHandler(program, "unix")},
		{"Apache, FastCGI by SetHandler on TCP", "fastcgi", throughHandler(program, "tcp")},
		{"mod_fcgid, FastCGI worker of its own", "fastcgi", throughFcgid(program)},
		{"lighttpd, FastCGI on a unix socket", "fastcgi", by(lighttpd, "lighttpd-fastcgi.conf", "unix")},
		{"lighttpd, FastCGI on TCP", "fastcgi", by(lighttpd, "lighttpd-fastcgi.conf", "tcp")},
		{"lighttpd, FastCGI worker of its own", "fastcgi", throughSpawned(program)},
		{"Apache, FastCGI behind an authorizer", "fastcgi", throughAuthorizer(program, "tcp", apacheAuthorizing("authnz", requireApp))},
		{"lighttpd, FastCGI behind an authorizer", "fastcgi", throughAuthorizer(program, "unix", lighttpdAuthorizing)},
		{"HAProxy, shared FastCGI connections on a unix socket", "fastcgi", by(haproxy, "haproxy-fastcgi.conf", "unix")},
		{"HAProxy, shared FastCGI connections on TCP", "fastcgi", by(haproxy, "haproxy-fastcgi.conf", "tcp")},
		{"HAProxy, FastCGI on TCP", "fastcgi", by(haproxy, "haproxy-fastcgi.conf", "tcp", unshared, unkept)},
		{"Caddy, FastCGI on a unix socket", "fastcgi", by(caddy, "caddy-fastcgi.conf", "unix")},
		{"Caddy, FastCGI on TCP", "fastcgi", by(caddy, "caddy-fastcgi.conf", "tcp")},
	}
}

// unbuffered adds what nginx-fastcgi-stream.conf says to nginx-fastcgi-keep.conf.
var unbuffered = replace{"fastcgi_keep_conn on;", "fastcgi_keep_conn on; fastcgi_buffering off; fastcgi_request_buffering off;"}

// kept has Apache keep its connections.
var kept = replace{`fcgi://app/"`, `fcgi://app/" enablereuse=on`}

// What HAProxy's file says otherwise for a connection for each request.
var (
	unshared = replace{"    option mpxs-conns                   # requests share a connection\n", ""}
	unkept   = replace{"option keep-conn", "no option keep-conn"}
)

// throughHandler is Apache with a worker that answers for a file.
func throughHandler(program, network string) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		dir := newDir(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "app"), nil, 0o644))
		o := throughWorker(program, apache, "apache-fastcgi-handler.conf", "fastcgi", network, replace{"/srv/www", dir})(t)
		o.mount = "/app"
		return o
	}
}

// throughAuthorizer is a web server that asks the worker twice: whether the user may, and for the answer.
func throughAuthorizer(program, network string, open func(*testing.T, *worker, string) *webServer) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		s := open(t, startWorker(t, program, "fastcgi", network), "/")
		o := &opened{server: s, stderr: s.errorLog, client: newClient(t, s), marks: newDir(t)}
		o.get(t, "/slow").wantStatus(t, http.StatusUnauthorized)
		o.password = app.Password
		return o
	}
}

// throughFcgid is Apache with a worker that it starts itself.
func throughFcgid(program string) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		dir := newDir(t)
		require.NoError(t, os.Link(program, filepath.Join(dir, "app")))
		s := apache.start(t, "apache-fcgid.conf", replace{shownProgram, dir})
		return &opened{server: s, mount: "/app", stderr: s.errorLog, client: newClient(t, s), marks: newDir(t)}
	}
}

// throughSpawned is lighttpd with a worker that it starts itself.
func throughSpawned(program string) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		dir := newDir(t)
		require.NoError(t, os.Link(program, filepath.Join(dir, "app")))
		s := lighttpd.start(t, "lighttpd-fastcgi-spawn.conf", replace{shownProgram, dir}, replace{socketPath, filepath.Join(dir, "app.sock")})
		return &opened{server: s, stderr: s.errorLog, client: newClient(t, s), marks: newDir(t)}
	}
}

package integration

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// fastcgiGates are the web servers that speak FastCGI to the test application.
func fastcgiGates() []gate {
	return []gate{
		{"nginx, FastCGI on a unix socket", "fastcgi", throughNginx("nginx-fastcgi.conf", "fastcgi", "unix")},
		{"nginx, FastCGI on TCP", "fastcgi", throughNginx("nginx-fastcgi.conf", "fastcgi", "tcp")},
		{"nginx, kept FastCGI connections on a unix socket", "fastcgi", throughNginx("nginx-fastcgi-keep.conf", "fastcgi", "unix")},
		{"nginx, kept FastCGI connections on TCP", "fastcgi", throughNginx("nginx-fastcgi-keep.conf", "fastcgi", "tcp")},
		{"nginx, unbuffered FastCGI on a unix socket", "fastcgi", throughNginx("nginx-fastcgi-stream.conf", "fastcgi", "unix")},
		{"nginx, unbuffered FastCGI on TCP", "fastcgi", throughNginx("nginx-fastcgi-stream.conf", "fastcgi", "tcp")},
		{"nginx, unbuffered kept FastCGI connections on a unix socket", "fastcgi",
			through(nginx, "nginx-fastcgi-keep.conf", "fastcgi", "unix", unbuffered)},
		{"nginx, unbuffered kept FastCGI connections on TCP", "fastcgi",
			through(nginx, "nginx-fastcgi-keep.conf", "fastcgi", "tcp", unbuffered)},
		{"Apache, FastCGI on a unix socket", "fastcgi", through(apache, "apache-fastcgi.conf", "fastcgi", "unix")},
		{"Apache, FastCGI on TCP", "fastcgi", through(apache, "apache-fastcgi.conf", "fastcgi", "tcp")},
		{"Apache, kept FastCGI connections", "fastcgi", through(apache, "apache-fastcgi.conf", "fastcgi", "unix", kept)},
		{"Apache, FastCGI by SetHandler on a unix socket", "fastcgi", throughHandler("unix")},
		{"Apache, FastCGI by SetHandler on TCP", "fastcgi", throughHandler("tcp")},
		{"mod_fcgid, FastCGI worker of its own", "fastcgi", throughFcgid},
		{"lighttpd, FastCGI on a unix socket", "fastcgi", through(lighttpd, "lighttpd-fastcgi.conf", "fastcgi", "unix")},
		{"lighttpd, FastCGI on TCP", "fastcgi", through(lighttpd, "lighttpd-fastcgi.conf", "fastcgi", "tcp")},
		{"lighttpd, FastCGI worker of its own", "fastcgi", throughSpawned},
		{"HAProxy, shared FastCGI connections on a unix socket", "fastcgi", through(haproxy, "haproxy-fastcgi.conf", "fastcgi", "unix")},
		{"HAProxy, shared FastCGI connections on TCP", "fastcgi", through(haproxy, "haproxy-fastcgi.conf", "fastcgi", "tcp")},
		{"HAProxy, FastCGI on TCP", "fastcgi", through(haproxy, "haproxy-fastcgi.conf", "fastcgi", "tcp", unshared, unkept)},
		{"Caddy, FastCGI on a unix socket", "fastcgi", through(caddy, "caddy-fastcgi.conf", "fastcgi", "unix")},
		{"Caddy, FastCGI on TCP", "fastcgi", through(caddy, "caddy-fastcgi.conf", "fastcgi", "tcp")},
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
func throughHandler(network string) func(*testing.T) *opened {
	return func(t *testing.T) *opened {
		dir := newDir(t)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "app"), nil, 0o644))
		o := through(apache, "apache-fastcgi-handler.conf", "fastcgi", network, replace{"/srv/www", dir})(t)
		o.mount = "/app"
		return o
	}
}

// throughFcgid is Apache with a worker that it starts itself.
func throughFcgid(t *testing.T) *opened {
	dir := newDir(t)
	require.NoError(t, os.Link(testapp, filepath.Join(dir, "app")))
	s := apache.start(t, "apache-fcgid.conf", replace{shownProgram, dir})
	return &opened{server: s, mount: "/app", stderr: s.errorLog, client: newClient(t, s), marks: newDir(t)}
}

// throughSpawned is lighttpd with a worker that it starts itself.
func throughSpawned(t *testing.T) *opened {
	dir := newDir(t)
	require.NoError(t, os.Link(testapp, filepath.Join(dir, "app")))
	s := lighttpd.start(t, "lighttpd-fastcgi-spawn.conf", replace{shownProgram, dir}, replace{socketPath, filepath.Join(dir, "app.sock")})
	return &opened{server: s, stderr: s.errorLog, client: newClient(t, s), marks: newDir(t)}
}

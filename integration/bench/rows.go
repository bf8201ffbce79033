package main

import "github.com/postern-go/postern/integration/bench/client"

// A row is one kind of work, the peers that do it, and what is wanted of
// Postern, which comes first.
type row struct {
	id    string // a word for files and flags
	title string
	work  client.Work
	peers []string
	// nginx says that the client speaks HTTP to nginx, and nginx to the peer.
	nginx bool
	// newUpstream has nginx make a connection for every request.
	newUpstream bool
	// machine counts the processor time of nginx and all children too.
	machine bool
	// once measures requests one at a time, since they are large.
	once bool
	// idle measures resident memory with this many connections.
	idle int
	// run measures the start and the end of a CGI process.
	run     bool
	targets []target
}

var rows = []row{
	{id: "small-kept-1", title: "FastCGI, small, 1 kept connection", work: client.Work{Path: "/hello", Conns: 1},
		peers: []string{"postern", "floor", "libfcgi", "net/http/fcgi"}},
	{id: "small-kept", title: "FastCGI, small, 32 kept connections", work: client.Work{Path: "/hello", Conns: 32},
		peers: []string{"postern", "floor", "libfcgi", "php-fpm", "net/http/fcgi"},
		targets: []target{{cpu, 1.15, "floor"}, {cpu, 1.1, "libfcgi"}, {cpu, 1. / 6, "net/http/fcgi"},
			{writes, 1.01, ""}, {calls, 3.3, ""}, {allocs, 12, ""}, {bytes, 2.5 * 1024, ""}}},
	{id: "small-kept-128", title: "FastCGI, small, 128 kept connections", work: client.Work{Path: "/hello", Conns: 128},
		peers: []string{"postern", "floor", "libfcgi", "net/http/fcgi"}},
	{id: "small-nginx", title: "FastCGI, small, behind nginx, kept", work: client.Work{Path: "/hello", Conns: 32}, nginx: true,
		peers:   []string{"postern", "floor", "libfcgi", "net/http", "net/http/fcgi"},
		targets: []target{{cpu, 0.8, "net/http"}, {cpu, 0.25, "net/http/fcgi"}}},
	{id: "small-new", title: "FastCGI, small, a new connection each, 32 at a time", work: client.Work{Path: "/hello", Conns: 32, New: true},
		peers:   []string{"postern", "floor", "libfcgi", "net/http/fcgi"},
		targets: []target{{cpu, 0.7, "floor"}, {cpu, 1, "libfcgi"}, {cpu, 0.15, "net/http/fcgi"}}},
	{id: "multiplexed", title: "FastCGI, small, 4 connections with 16 requests each at a time", work: client.Work{Path: "/hello", Conns: 4, Batch: 16},
		peers:   []string{"postern", "floor", "net/http/fcgi"},
		targets: []target{{cpu, 1.3, "floor"}}},
	{id: "16k", title: "FastCGI, 16 KiB response, kept", work: client.Work{Path: "/16k", Conns: 32, Size: 16 << 10},
		peers:   []string{"postern", "floor", "libfcgi", "php-fpm", "net/http/fcgi"},
		targets: []target{{cpu, 1.1, "libfcgi"}}},
	{id: "16k-upload", title: "FastCGI, 16 KiB request body, kept", work: client.Work{Path: "/upload", Conns: 32, Upload: 16 << 10},
		peers: []string{"postern", "floor", "libfcgi", "net/http/fcgi"}},
	{id: "1m", title: "FastCGI, 1 MiB response, kept", work: client.Work{Path: "/1m", Conns: 8, Size: 1 << 20},
		peers:   []string{"postern", "floor", "libfcgi", "php-fpm", "net/http/fcgi"},
		targets: []target{{cpu, 0.9, "net/http/fcgi"}}},
	{id: "1m-upload", title: "FastCGI, 1 MiB request body, discarded, kept", work: client.Work{Path: "/upload", Conns: 8, Upload: 1 << 20},
		peers:   []string{"postern", "floor", "libfcgi", "php-fpm", "net/http/fcgi"},
		targets: []target{{cpu, 0.55, "net/http/fcgi"}, {cpu, 1.05, "libfcgi"}}},
	{id: "1g-file", title: "FastCGI, 1 GiB file by http.ServeContent", work: client.Work{Path: "/file", Conns: 1, Size: 1 << 30}, once: true,
		peers:   []string{"postern", "floor", "net/http/fcgi"},
		targets: []target{{cpu, 0.85, "net/http/fcgi"}}},
	{id: "1g-upload", title: "FastCGI, 1 GiB request body, discarded", work: client.Work{Path: "/upload", Conns: 1, Upload: 1 << 30}, once: true,
		peers:   []string{"postern", "floor", "libfcgi", "net/http/fcgi"},
		targets: []target{{cpu, 0.6, "net/http/fcgi"}}},
	{id: "scgi", title: "SCGI, small, behind nginx", work: client.Work{Path: "/hello", Conns: 32}, nginx: true, newUpstream: true,
		peers:   []string{"postern-scgi", "postern", "uwsgi", "uwsgi-no-log", "net/http/fcgi"},
		targets: []target{{cpu, 1.3, "postern"}, {cpu, 0.25, "net/http/fcgi"}, {cpu, 0.7, "uwsgi"}}},
	{id: "idle-1000", title: "FastCGI, 1,000 idle kept connections after 11 requests each, for one", work: client.Work{Path: "/hello"}, idle: 1000,
		peers: []string{"postern", "floor", "libfcgi", "net/http/fcgi"}},
	{id: "idle-5000", title: "FastCGI, 5,000 idle kept connections after 11 requests each, for one", work: client.Work{Path: "/hello"}, idle: 5000,
		peers:   []string{"postern", "floor", "libfcgi", "net/http/fcgi"},
		targets: []target{{memory, 8 << 10, ""}}},
	{id: "cgi-start", title: "CGI, small, from the start of the program to its end", run: true,
		peers:   []string{"postern-cgi", "least-go", "c-cgi"},
		targets: []target{{cpu, 1.03, "least-go"}}},
	{id: "origin", title: "HTTP origin, small, 32 kept connections", work: client.Work{Path: "/hello", Conns: 32},
		peers:   []string{"postern-origin", "net/http"},
		targets: []target{{cpu, 0.8, "net/http"}}},
	{id: "cgi-script", title: "one CGI process for every request, behind nginx, all processes but the client's",
		work: client.Work{Path: "/hello.cgi", Conns: 4}, nginx: true, machine: true,
		peers:   []string{"postern-script", "postern-serve", "fcgiwrap", "lighttpd", "net/http/cgi"},
		targets: []target{{cpu, 0.9, "fcgiwrap"}, {cpu, 1, "lighttpd"}}},
}

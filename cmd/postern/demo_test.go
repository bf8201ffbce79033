package main

import (
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDemo(t *testing.T) {
	addr := "http+unix://" + t.TempDir() + "/door"
	p := start(t, "demo", "--listen", addr)
	p.stdout.await(t, "ctrl-c ends it")

	status, page := through(t, addr, "/?colour=blue", "text/html")
	require.Equal(t, http.StatusOK, status)
	for _, want := range []string{
		`<a href="/cgi/">CGI</a>`, `<a href="/fastcgi/">FastCGI</a>`, `<a href="/scgi/">SCGI</a>`, `<a href="/http/">HTTP</a>`,
		`<tr><th>status</th><td>200 OK</td><td>200 OK</td><td>200 OK</td><td>200 OK</td></tr>`,
		`<tr><th>protocol</th><td>cgi</td><td>fastcgi</td><td>scgi</td><td>http</td></tr>`,
		`<tr><th>multithread</th><td>false</td><td>true</td><td>true</td><td>true</td></tr>`,
		`<tr><th>multiprocess</th><td>true</td><td>false</td><td>false</td><td>false</td></tr>`,
		`<tr><th>run once</th><td>true</td><td>false</td><td>false</td><td>false</td></tr>`,
		`<tr><th>role</th><td></td><td>RESPONDER</td><td></td><td></td></tr>`,
		`<tr><th>QUERY_STRING</th><td>colour=blue</td><td>colour=blue</td><td>colour=blue</td><td>colour=blue</td></tr>`,
	} {
		require.Contains(t, page, want)
	}
	require.NotContains(t, page, "<td>"+strconv.Itoa(p.cmd.Process.Pid)+"</td><td>"+strconv.Itoa(p.cmd.Process.Pid)+"</td><td>"+strconv.Itoa(p.cmd.Process.Pid)+"</td><td>",
		"the CGI gate is another process")

	for _, path := range []string{"/cgi/x", "/fastcgi/x", "/scgi/x", "/http/x"} {
		status, body := through(t, addr, path, "text/plain")
		require.Equal(t, http.StatusOK, status, path)
		require.Contains(t, body, "Hello world!", path)
	}
	status, _ = through(t, addr, "/other", "text/plain")
	require.Equal(t, http.StatusNotFound, status, "there are only the gates")

	p.end(syscall.SIGINT, 0)
	left, err := os.ReadDir(p.tmp)
	require.NoError(t, err)
	require.Empty(t, left, "everything is removed")
	require.Empty(t, p.stderr.seen, "nothing went wrong")
}

func TestDemoPort(t *testing.T) {
	p := start(t, "demo", "--listen", "127.0.0.1:0")
	p.stdout.await(t, "http://127.0.0.1:")
	p.end(syscall.SIGTERM, 0)
}

func TestDemoAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	p := start(t, "demo", "--listen", l.Addr().String())
	p.exit(1)
	require.Equal(t, []string{`postern: address "http://` + l.Addr().String() + `": already in use: another process listens there: expected a free address, choose one with --listen`}, p.stderr.seen)
	left, err := os.ReadDir(p.tmp)
	require.NoError(t, err)
	require.Empty(t, left, "everything is removed")
}

package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

var gatePaths = []string{"/cgi/", "/fastcgi/", "/scgi/", "/http/"}

// startDemo starts the demo with its door on a unix socket.
func startDemo(t *testing.T) (p *process, socket string) {
	socket = filepath.Join(t.TempDir(), "door")
	p = start(t, "demo", "--listen", "http+unix://"+socket)
	p.stdout.await(t, "ctrl-c ends it")
	return p, socket
}

// requireNothingLeft looks for what the demo made.
func requireNothingLeft(t *testing.T, p *process) {
	t.Helper()
	left, err := os.ReadDir(p.tmp)
	require.NoError(t, err)
	require.Empty(t, left, "everything is removed")
}

// send writes a request as it stands.
func send(t *testing.T, socket, request string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("unix", socket)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	return conn, bufio.NewReader(conn)
}

// awaitClosed returns when the door takes no more visitors, which removes the socket's file.
func awaitClosed(socket string) {
	for {
		if _, err := os.Lstat(socket); err != nil {
			return
		}
		runtime.Gosched()
	}
}

func readAnswer(t *testing.T, r *bufio.Reader, method string) (*http.Response, string) {
	t.Helper()
	answer, err := http.ReadResponse(r, &http.Request{Method: method})
	for err == nil && answer.StatusCode == http.StatusContinue { // the gate may say so as well as the door
		answer, err = http.ReadResponse(r, &http.Request{Method: method})
	}
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(body)
}

func TestDemoDoor(t *testing.T) {
	p, socket := startDemo(t)
	type row struct {
		method, target string
		status         int
		want, why      string
	}
	rows := []row{
		{"GET", "/", 200, "One handler, every gate", "the page"},
		{"HEAD", "/", 200, "", "the page's head"},
		{"POST", "/", 405, "", "the page takes no body"},
		{"GET", "//", 307, "", "a path that is not clean"},
		{"GET", "/%2F", 404, "", "an escaped slash is another path"},
		{"GET", "/other", 404, "", "there are only the gates"},
		{"GET", "/cgi%2F", 404, "", "an escaped slash separates nothing"},
		{"GET", "/favicon.ico", 404, "", "nothing else is served"},
		{"GET", "/?say=%ff%zz;=&", 200, "One handler, every gate", "a query that does not parse"},
	}
	for _, path := range gatePaths {
		bare := strings.TrimSuffix(path, "/")
		rows = append(rows, []row{
			{"GET", path, 200, "Hello world!", "the gate"},
			{"GET", path + "a%2Fb%0A?x=y", 200, "REQUEST_URI = '" + path + "a%2Fb%0A?x=y'", "escapes stay"},
			{"HEAD", path + "x", 200, "", "a head"},
			{"DELETE", path, 200, "REQUEST_METHOD = 'DELETE'", "any method"},
			{"POST", bare, 307, "", "a slash is missing"},
			{"GET", path + "/x", 307, "", "a path that is not clean"},
			{"GET", path + "../other", 307, "", "a way out"},
			{"GET", "http://example.test" + path, 200, "HTTP_HOST = 'example.test'", "the absolute form"},
		}...)
	}
	for _, row := range rows {
		about := row.method + " " + row.target + ": " + row.why
		conn, r := send(t, socket, row.method+" "+row.target+" HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n")
		answer, body := readAnswer(t, r, row.method)
		require.Equal(t, row.status, answer.StatusCode, about)
		require.Contains(t, body, row.want, about)
		if row.method == "HEAD" {
			require.Empty(t, body, about)
		}
		conn.Close()
	}
	p.end(syscall.SIGINT, 0)
	requireNothingLeft(t, p)
	require.Empty(t, p.stderr.seen, "nothing went wrong")
}

func TestDemoBodies(t *testing.T) {
	p, socket := startDemo(t)
	large := strings.Repeat("0123456789abcdef", 1<<16)
	for _, path := range gatePaths {
		for _, row := range []struct {
			request string
			want    int64
			why     string
		}{
			{"Content-Length: 5\r\n\r\nhello", 5, "a length"},
			{"Content-Length: 0\r\n\r\n", 0, "an empty body"},
			{"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n", 7, "chunks"},
			{"Content-Length: 1048576\r\n\r\n" + large, 1 << 20, "a large body"},
		} {
			conn, r := send(t, socket, "POST "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: "+reportType+"\r\n"+row.request)
			answer, body := readAnswer(t, r, "POST")
			require.Equal(t, http.StatusOK, answer.StatusCode, path+": "+row.why)
			var got report
			require.NoError(t, json.Unmarshal([]byte(body), &got), body)
			require.Equal(t, row.want, got.Body, path+": "+row.why)
			require.Equal(t, "POST", got.Variables["REQUEST_METHOD"], path+": "+row.why)
			conn.Close()
		}
	}
	p.end(syscall.SIGTERM, 0)
	require.Empty(t, p.stderr.seen, "nothing went wrong")
}

// Requests that have begun when the signal comes are answered through every gate.
func TestDemoDrains(t *testing.T) {
	p, socket := startDemo(t)
	conns, readers := make([]net.Conn, len(gatePaths)), make([]*bufio.Reader, len(gatePaths))
	for i, path := range gatePaths {
		conns[i], readers[i] = send(t, socket, "POST "+path+" HTTP/1.1\r\nHost: x\r\nAccept: "+reportType+"\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
		line, err := readers[i].ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "HTTP/1.1 100 Continue\r\n", line, path)
		_, err = readers[i].ReadString('\n')
		require.NoError(t, err)
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	awaitClosed(socket)
	for i, path := range gatePaths {
		_, err := io.WriteString(conns[i], "hello")
		require.NoError(t, err)
		answer, body := readAnswer(t, readers[i], "POST")
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
		require.Contains(t, body, `"Body":5`, path)
	}
	p.exit(0)
	requireNothingLeft(t, p)
	require.Empty(t, p.stderr.seen, "nothing went wrong")
}

// A second signal ends the demo at once, and still nothing is left.
func TestDemoSecondSignal(t *testing.T) {
	p, socket := startDemo(t)
	_, r := send(t, socket, "POST /cgi/ HTTP/1.1\r\nHost: x\r\nAccept: "+reportType+"\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	_, err := r.ReadString('\n')
	require.NoError(t, err)
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGINT))
	awaitClosed(socket)
	p.end(syscall.SIGINT, 1)
	require.Contains(t, p.stderr.seen, "postern: closed at once by a second signal")
	requireNothingLeft(t, p)
}

func TestDemoPort(t *testing.T) {
	heedHangup(t)
	p := start(t, "demo", "--listen", "127.0.0.1:0")
	p.stdout.await(t, "http://127.0.0.1:", "ctrl-c ends it")
	p.end(syscall.SIGHUP, 0)
	requireNothingLeft(t, p)
}

func TestDemoAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	p := start(t, "demo", "--listen", l.Addr().String())
	p.exit(1)
	require.Equal(t, []string{`postern: address "http://` + l.Addr().String() + `": already in use: another process listens there: expected a free address, choose one with --listen`}, p.stderr.seen)
	requireNothingLeft(t, p)
}

// A reader that leaves, as head does, does not take the demo with it.
func TestDemoOutputGone(t *testing.T) {
	dir := t.TempDir()
	out, in, err := os.Pipe()
	require.NoError(t, err)
	out.Close()
	cmd := exec.Command(binary, "demo", "--listen", "http+unix://"+dir+"/door")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.Stdout, cmd.Stderr = in, in
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { cmd.Process.Kill() })
	in.Close()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for open := false; !open; {
		conn, err := net.Dial("unix", dir+"/door")
		if open = err == nil; open {
			conn.Close()
		}
		select {
		case err := <-ended:
			require.FailNow(t, "ended", "%v", err)
		default:
		}
	}
	status, _ := through(t, "http+unix://"+dir+"/door", "/cgi/x", "text/plain")
	require.Equal(t, http.StatusOK, status)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, <-ended)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left, "everything is removed")
}

package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/scgi"
)

// through asks for path at addr over its own protocol.
func through(t *testing.T, addr, path, accept string) (status int, body string) {
	t.Helper()
	a, err := address.Parse(addr)
	require.NoError(t, err)
	var client http.RoundTripper = dialTransport(a)
	switch a.Protocol {
	case address.FastCGI:
		client = &fastcgi.Transport{Network: a.Network, Address: a.Host}
	case address.SCGI:
		client = &scgi.Transport{Network: a.Network, Address: a.Host}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://postern.test"+path, nil)
	require.NoError(t, err)
	r.Header.Set("Accept", accept)
	answer, err := client.RoundTrip(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

func TestServeEveryProtocol(t *testing.T) {
	dir := t.TempDir()
	var args, addrs []string
	for _, protocol := range workerProtocols {
		addrs = append(addrs, worker(dir, protocol).String())
		args = append(args, "--listen", addrs[len(addrs)-1])
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		p := start(t, append([]string{"serve", "--to", "demo:", "--socket-mode", "600"}, args...)...)
		p.stderr.await(t, "address="+addrs[0], "address="+addrs[1], "address="+addrs[2])
		for _, addr := range addrs {
			status, body := through(t, addr, "/a/b?c=d", "text/plain")
			require.Equal(t, http.StatusOK, status, addr)
			require.True(t, strings.HasPrefix(body, "Hello world!"), "%s: %q", addr, body)
			_, body = through(t, addr, "/a/b?c=d", reportType)
			var got report
			require.NoError(t, json.Unmarshal([]byte(body), &got), addr)
			require.Equal(t, p.cmd.Process.Pid, got.PID, addr)
			require.True(t, strings.HasPrefix(addr, got.Flags.Protocol+"+"), "%s says %q", addr, got.Flags.Protocol)
			require.Equal(t, "c=d", got.Variables["QUERY_STRING"], addr)
			a, err := address.Parse(addr)
			require.NoError(t, err)
			file, err := os.Lstat(a.Host)
			require.NoError(t, err)
			require.Equal(t, os.ModeSocket|0o600, file.Mode(), addr)
		}
		p.end(signal, 0)
		left, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, left, "socket files are removed")
	}
}

func TestServeTCP(t *testing.T) {
	p := start(t, "serve", "-listen", "http://127.0.0.1:0", "-to", "demo:", "-log", "json")
	line, more := <-p.stderr.next
	require.True(t, more)
	var record struct{ Level, Msg, Address string }
	require.NoError(t, json.Unmarshal([]byte(line), &record), line)
	require.Equal(t, "INFO", record.Level)
	require.Equal(t, "listening", record.Msg)
	require.NotContains(t, record.Address, ":0", "the port that was chosen")
	_, body := through(t, record.Address, "/", "text/plain")
	require.Contains(t, body, "Hello world!")
	p.end(syscall.SIGTERM, 0)
}

func TestServeProgram(t *testing.T) {
	dir := t.TempDir()
	program, addr := filepath.Join(dir, "a.cgi"), "scgi+unix://"+dir+"/s"
	script := "#!/bin/sh\nprintf 'Status: 202 Fine\\r\\nContent-Type: text/plain\\r\\n\\r\\n'\necho \"$REQUEST_METHOD $QUERY_STRING\"\n"
	require.NoError(t, os.WriteFile(program, []byte(script), 0o755))
	p := start(t, "serve", "--listen", addr, "--to", "cgi:"+program)
	p.stderr.await(t, "address="+addr)
	status, body := through(t, addr, "/?x=y", "*/*")
	require.Equal(t, http.StatusAccepted, status)
	require.Equal(t, "GET x=y\n", body)
	p.end(syscall.SIGTERM, 0)
}

func TestServeLiveSocket(t *testing.T) {
	addr := "http+unix://" + t.TempDir() + "/s"
	first := start(t, "serve", "--listen", addr, "--to", "demo:")
	first.stderr.await(t, "address="+addr)
	second := start(t, "serve", "--listen", addr, "--to", "demo:")
	second.exit(1)
	require.Equal(t, []string{`postern: address "` + addr + `": already in use: another process listens there`}, second.stderr.seen)
	_, body := through(t, addr, "/", "text/plain")
	require.Contains(t, body, "Hello world!", "the first one goes on")
	first.end(syscall.SIGTERM, 0)
}

// The gate is what the process was started with.
func TestServeAuto(t *testing.T) {
	t.Run("CGI", func(t *testing.T) {
		cmd := exec.Command(binary, "serve", "--listen", "auto", "--to", "demo:")
		cmd.Env = []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SERVER_PROTOCOL=HTTP/1.1", "SCRIPT_NAME=/x", "REQUEST_URI=/x"}
		p := startCmd(t, cmd)
		p.stdout.await(t, "Status: 200 OK", "Hello world!", "GATEWAY_INTERFACE")
		p.exit(0)
		require.Empty(t, p.stderr.seen, "nothing to say")
	})
	t.Run("descriptor 0", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s")
		cmd := exec.Command(binary, "serve", "--listen", "auto", "--to", "demo:")
		cmd.Stdin = listener(t, path)
		p := startCmd(t, cmd)
		p.stderr.await(t, "address=fastcgi+fd:0")
		_, body := through(t, "fastcgi+unix://"+path, "/", "text/plain")
		require.Contains(t, body, "Hello world!")
		p.end(syscall.SIGTERM, 0)
		require.FileExists(t, path, "the file is its maker's")
	})
	t.Run("systemd", func(t *testing.T) {
		dir := t.TempDir()
		// The process number is known only once it runs; /bin/sh becomes it.
		cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" serve --listen auto --to demo:`, binary)
		cmd.Env = []string{"LISTEN_FDS=2", "LISTEN_FDNAMES=app:http-app"}
		cmd.ExtraFiles = []*os.File{listener(t, dir+"/app"), listener(t, dir+"/http")}
		p := startCmd(t, cmd)
		p.stderr.await(t, "address=fastcgi+fd:3", "address=http+fd:4")
		for _, addr := range []string{"fastcgi+unix://" + dir + "/app", "http+unix://" + dir + "/http"} {
			_, body := through(t, addr, "/", "text/plain")
			require.Contains(t, body, "Hello world!", addr)
			require.NotContains(t, body, "LISTEN_FDS", addr)
		}
		p.end(syscall.SIGTERM, 0)
	})
	t.Run("nothing", func(t *testing.T) {
		cmd := exec.Command(binary, "serve", "--listen", "auto", "--to", "demo:")
		cmd.Env = []string{}
		p := startCmd(t, cmd)
		p.exit(1)
		require.Len(t, p.stderr.seen, 1, "one line")
		require.Contains(t, p.stderr.seen[0], "LISTEN_FDS is not set, descriptor 0 is no listening socket, GATEWAY_INTERFACE is not set")
	})
}

// listener is a listening socket to hand over.
func listener(t *testing.T, path string) *os.File {
	t.Helper()
	l, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	file, err := l.(*net.UnixListener).File()
	require.NoError(t, err)
	t.Cleanup(func() { file.Close() })
	return file
}

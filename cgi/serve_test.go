package cgi

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// command is this test binary as a CGI program.
func command(t *testing.T, environ ...string) *exec.Cmd {
	exe, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append([]string{programVar + "=1", "SERVER_PROTOCOL=HTTP/1.1"}, environ...)
	return cmd
}

func TestServe(t *testing.T) {
	const page = "Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 59\r\n\r\n" +
		"A server error occurred.  Please contact the administrator."
	for _, row := range []struct {
		why     string
		environ []string
		status  int
		out     string
		stderr  []string
	}{
		{"a request", []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "REQUEST_URI=/echo", "CONTENT_LENGTH=3"}, 0,
			"Status: 200 OK\r\nContent-Length: 22\r\n\r\nPOST /echo \"abc\" <nil>", nil},
		{"REQUEST_METHOD alone makes a request, too", []string{"REQUEST_METHOD=GET", "PATH_INFO=/echo"}, 0,
			"Status: 200 OK\r\nContent-Length: 18\r\n\r\nGET /echo \"\" <nil>", nil},
		{"HTTP_PROXY is gone from the process, too", []string{"REQUEST_METHOD=GET", "PATH_INFO=/environ", "HTTP_PROXY=http://evil"}, 0,
			"Status: 200 OK\r\nContent-Length: 5\r\n\r\n\"\" \"\"", nil},
		{"a panic", []string{"REQUEST_METHOD=GET", "PATH_INFO=/panic"}, 1,
			page, []string{"panic serving GET /panic: probe\n", "main_test.go:", "gateway: handler panicked: probe\n"}},
		{"a panic after the head", []string{"REQUEST_METHOD=GET", "PATH_INFO=/panic-late"}, 1,
			"Status: 200 OK\r\n\r\npartial", []string{"panic serving GET /panic-late: probe\n"}},
		{"a handler that ends its goroutine ends the process", []string{"REQUEST_METHOD=GET", "PATH_INFO=/goexit"}, 1,
			"", []string{"runtime.Goexit called by the handler\n"}},
		{"leading zeros in the version of the gateway mean nothing", []string{"GATEWAY_INTERFACE=CGI/01.0001", "REQUEST_METHOD=GET", "PATH_INFO=/echo"}, 0,
			"Status: 200 OK\r\nContent-Length: 18\r\n\r\nGET /echo \"\" <nil>", nil},
		{"no method", []string{"GATEWAY_INTERFACE=CGI/1.1"}, 1,
			"Status: 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nContent-Length: 12\r\n\r\nBad Request\n",
			[]string{"REQUEST_METHOD is missing"}},
	} {
		cmd := command(t, row.environ...)
		var out, stderr bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader("abcdef"), &out, &stderr
		err := cmd.Run()
		require.Equal(t, row.status, cmd.ProcessState.ExitCode(), "%s: %v\n%s", row.why, err, stderr.String())
		require.Equal(t, row.out, out.String(), row.why)
		for _, want := range row.stderr {
			require.Contains(t, stderr.String(), want, row.why)
		}
		require.Equal(t, row.stderr == nil, stderr.Len() == 0, row.why)
	}
}

func TestWithoutWebServer(t *testing.T) {
	cmd := command(t)
	stdin, err := cmd.StdinPipe() // stays open, as a terminal does
	require.NoError(t, err)
	defer stdin.Close()
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	require.Error(t, cmd.Run())
	require.Equal(t, 1, cmd.ProcessState.ExitCode())
	require.Empty(t, out.String())
	require.Regexp(t, `^cgi: no request: .*; to try it: GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/ `, stderr.String())
	require.Equal(t, 1, strings.Count(stderr.String(), "\n"), "one line says what it is and how to try it")
}

func TestTryingIsAsTheErrorSays(t *testing.T) {
	out, err := command(t, "REQUEST_METHOD=GET", "PATH_INFO=/").Output()
	require.NoError(t, err)
	require.Equal(t, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n", string(out))
}

// TestUnreadInput has a web server whose pipes are sockets, as Apache's mod_cgid has it, send a body that nobody reads.
func TestUnreadInput(t *testing.T) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close()
	cmd := command(t, "REQUEST_METHOD=POST", "PATH_INFO=/", "CONTENT_LENGTH=10000")
	cmd.Stdin, cmd.Stdout = theirs, theirs
	_, err = ours.Write(make([]byte, 10000))
	require.NoError(t, err)
	require.NoError(t, cmd.Run())
	theirs.Close()
	response, err := io.ReadAll(ours)
	require.NoError(t, err, "the connection is not reset")
	require.Equal(t, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n", string(response))
}

func TestOneWrite(t *testing.T) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	require.NoError(t, err)
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close()
	cmd := command(t, "REQUEST_METHOD=GET", "PATH_INFO=/echo")
	cmd.Stdout = theirs
	require.NoError(t, cmd.Run())
	theirs.Close()
	packet := make([]byte, 1<<16)
	n, err := ours.Read(packet)
	require.NoError(t, err)
	require.Equal(t, "Status: 200 OK\r\nContent-Length: 18\r\n\r\nGET /echo \"\" <nil>", string(packet[:n]), "this socket keeps writes apart")
	_, err = ours.Read(packet)
	require.Equal(t, io.EOF, err, "and this was the only one")
}

func TestEndOfTheContext(t *testing.T) {
	for _, row := range []struct {
		why, path string
		act       func(p *os.Process, stdout io.Closer) error
		status    int
		stderr    string
	}{
		{"SIGTERM, and the response is delivered all the same", "/wait",
			func(p *os.Process, _ io.Closer) error { return p.Signal(syscall.SIGTERM) }, 0, "context ended\n"},
		{"SIGPIPE of another pipe, which counts for nothing, and then SIGTERM", "/wait-beside",
			func(p *os.Process, _ io.Closer) error { return p.Signal(syscall.SIGTERM) }, 0, "write |1: broken pipe\ncgi: received terminated\n"},
		{"SIGPIPE when standard output is closed", "/wait",
			func(p *os.Process, out io.Closer) error { return errors.Join(out.Close(), p.Signal(syscall.SIGPIPE)) }, 1, "context ended\n"},
		{"standard output closed, seen by waiting", "/wait",
			func(_ *os.Process, out io.Closer) error { return out.Close() }, 1, "context ended\ngateway: peer is gone: cgi: web server closed the response\n"},
		{"standard output closed, seen by writing", "/write",
			func(_ *os.Process, out io.Closer) error { return out.Close() }, 1, "write failed, context context canceled\ngateway: peer is gone: cgi: "},
	} {
		cmd := command(t, "REQUEST_METHOD=GET", "PATH_INFO="+row.path)
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		cmd.Stdout = writer
		require.NoError(t, cmd.Start())
		writer.Close()
		head := make([]byte, len("Status: 200 OK\r\n\r\n"))
		_, err = io.ReadFull(reader, head)
		require.NoError(t, err, row.why)
		require.NoError(t, row.act(cmd.Process, reader), row.why)
		cmd.Wait()
		reader.Close()
		require.Contains(t, stderr.String(), row.stderr, row.why)
		require.Equal(t, row.status, cmd.ProcessState.ExitCode(), "%s: %s", row.why, stderr.String())
	}
}

func TestClosedStreams(t *testing.T) {
	for _, row := range []struct {
		why, path string
		close     func(cmd *exec.Cmd, closed *os.File)
		status    int
	}{
		{"nobody reads the response", "/echo", func(cmd *exec.Cmd, closed *os.File) { cmd.Stdout = closed }, 1},
		{"nobody reads a response beyond the buffer", "/large", func(cmd *exec.Cmd, closed *os.File) { cmd.Stdout = closed }, 1},
		{"nobody reads the error stream, which is no fault of the response", "/stderr", func(cmd *exec.Cmd, closed *os.File) { cmd.Stderr = closed }, 0},
	} {
		reader, writer, err := os.Pipe()
		require.NoError(t, err)
		reader.Close()
		cmd := command(t, "REQUEST_METHOD=GET", "PATH_INFO="+row.path)
		row.close(cmd, writer)
		cmd.Run()
		writer.Close()
		require.Equal(t, row.status, cmd.ProcessState.ExitCode(), "an error and no death by SIGPIPE: %s", row.why)
	}
}

func TestNonBlockingStdout(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	var fds [2]int
	require.NoError(t, syscall.Pipe2(fds[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK))
	reader := os.NewFile(uintptr(fds[0]), "reader")
	defer reader.Close()
	pid, err := syscall.ForkExec(exe, []string{exe}, &syscall.ProcAttr{
		Env:   []string{programVar + "=1", "REQUEST_METHOD=GET", "PATH_INFO=/large"},
		Files: []uintptr{0, uintptr(fds[1]), 2},
	})
	syscall.Close(fds[1])
	require.NoError(t, err)
	out, err := io.ReadAll(reader)
	require.NoError(t, err)
	var status syscall.WaitStatus
	_, err = syscall.Wait4(pid, &status, 0, nil)
	require.NoError(t, err)
	require.Equal(t, 0, status.ExitStatus())
	require.Equal(t, "Status: 200 OK\r\n\r\n"+strings.Repeat("\x00", large), string(out), "a pipe that is full for now is waited for")
}

func TestArguments(t *testing.T) {
	cmd := command(t, "REQUEST_METHOD=GET", "SCRIPT_NAME=", "PATH_INFO=/echo", "QUERY_STRING=--help+x")
	cmd.Args = append(cmd.Args, "--help", "x") // as a web server may make of a query without "="
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Contains(t, string(out), "GET /echo?--help+x ", "the query stays a query, and arguments mean nothing")
}

func TestNPHByOption(t *testing.T) {
	out, err := command(t, "REQUEST_METHOD=GET", "PATH_INFO=/echo", nphVar+"=1", "SERVER_SOFTWARE=Probe/1").Output()
	require.NoError(t, err)
	require.Regexp(t, "^HTTP/1.1 200 OK\r\n", string(out))
}

func TestNPH(t *testing.T) {
	exe, err := os.Executable()
	require.NoError(t, err)
	nph := filepath.Join(t.TempDir(), "nph-program")
	require.NoError(t, os.Symlink(exe, nph))
	cmd := command(t, "REQUEST_METHOD=GET", "PATH_INFO=/echo", "SERVER_SOFTWARE=Probe/1")
	cmd.Path, cmd.Args[0] = nph, nph
	out, err := cmd.Output()
	require.NoError(t, err)
	require.Regexp(t, "^HTTP/1.1 200 OK\r\n", string(out))
	require.Contains(t, string(out), "\r\nServer: Probe/1\r\n")
	require.Contains(t, string(out), "\r\nConnection: close\r\n")
}

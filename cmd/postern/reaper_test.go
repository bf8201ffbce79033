package main

import (
	"fmt"
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
	"golang.org/x/sys/unix"
)

// subreaperVar makes the test binary a subreaper, which is to orphans what process 1 is in a container, and then the command of its arguments.
const subreaperVar = "POSTERN_TEST_SUBREAPER"

func becomeSubreaper() {
	os.Unsetenv(subreaperVar)
	err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	if err == nil {
		err = syscall.Exec(os.Args[1], os.Args[1:], os.Environ())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// startSubreaper runs the command as a subreaper.
func startSubreaper(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], append([]string{binary}, args...)...)
	cmd.Env = append(os.Environ(), subreaperVar+"=1")
	return startCmd(t, cmd)
}

// parent returns the parent of a process, 0 when there is no such process.
func parent(t *testing.T, pid string) int {
	t.Helper()
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	number := 0
	_, err = fmt.Sscan(fields[1], &number)
	require.NoError(t, err)
	return number
}

func writeProgram(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "program")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755))
	return path
}

func TestOrphans(t *testing.T) {
	addr := "http+unix://" + t.TempDir() + "/s"
	orphans := writeProgram(t, "sleep 600 </dev/null >/dev/null 2>&1 &\nprintf '\\n'; echo $!; exit 3\n")
	p := startSubreaper(t, "serve", "--listen", addr, "--to", "cgi:"+orphans)
	p.stderr.await(t, "address="+addr)
	for range 20 {
		status, body := through(t, addr, "/", "*/*")
		require.Equal(t, http.StatusOK, status)
		p.stderr.await(t, "exit status 3")
		orphan := strings.TrimSpace(body)
		require.Equal(t, p.cmd.Process.Pid, parent(t, orphan), "the program has ended, and left it behind")
		var pid int
		_, err := fmt.Sscan(orphan, &pid)
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
		for parent(t, orphan) != 0 { // a zombie has a parent
			runtime.Gosched()
		}
	}
	p.end(syscall.SIGTERM, 0)
}

func TestSignalsReachTheOneThatServes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	p := startSubreaper(t, "serve", "--listen", "http+unix://"+path, "--to", "cgi:"+writeProgram(t, "echo $$ >&2; exec sleep 600\n"))
	p.stderr.await(t, "address=")
	conn, err := net.Dial("unix", path)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
	require.NoError(t, err)
	p.stderr.await(t, "stderr")
	_, pid, found := strings.Cut(p.stderr.seen[len(p.stderr.seen)-1], "line=")
	require.True(t, found)
	pid, _, _ = strings.Cut(pid, " ")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	for _, err = os.Lstat(path); err == nil; _, err = os.Lstat(path) { // until it takes no more connections
		runtime.Gosched()
	}
	require.NotZero(t, parent(t, pid), "the request goes on")
	p.end(syscall.SIGTERM, 1)
	require.Zero(t, parent(t, pid), "a second signal ends its program, too")
}

func TestTheOneThatServesEndsWithTheOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	p := startSubreaper(t, "serve", "--listen", "http+unix://"+path, "--to", "demo:")
	p.stderr.await(t, "address=")
	require.NoError(t, p.cmd.Process.Kill())
	for _, err := os.Lstat(path); err == nil; _, err = os.Lstat(path) {
		runtime.Gosched()
	}
	p.exit(-1)
}

func TestExitStatusOfTheOneThatServes(t *testing.T) {
	startSubreaper(t, "serve", "--listen", "auto", "--to", "none:").exit(2)
	p := startSubreaper(t, "version")
	p.exit(0)
	require.Contains(t, p.stdout.seen[0], "postern ")
}

func TestSocketsReachTheOneThatServes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	cmd := exec.Command("/bin/sh", "-c", `LISTEN_PID=$$ exec "$0" "$1" serve --listen auto --to demo:`, os.Args[0], binary)
	cmd.Env = []string{subreaperVar + "=1", "LISTEN_FDS=1"}
	cmd.ExtraFiles = []*os.File{listener(t, path)}
	p := startCmd(t, cmd)
	p.stderr.await(t, "address=fastcgi+fd:3")
	_, body := through(t, "fastcgi+unix://"+path, "/", "text/plain")
	require.Contains(t, body, "Hello world!")
	require.NotContains(t, body, "LISTEN")
	p.end(syscall.SIGTERM, 0)
}

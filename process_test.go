package postern

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/postern-go/postern/fastcgi"
)

// child is the handler of a process that a test starts. It writes to the numbers of standard output and error in every way there is.
type child struct{}

func (child) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(os.Stdout, "stray output")
	fmt.Fprintln(os.Stderr, "stray error")
	unix.Write(1, []byte("stray 1"))
	unix.Write(2, []byte("stray 2"))
	slog.Error("stray log")
	for fd := range 3 {
		name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd))
		fmt.Fprintln(w, fd, name, err)
	}
}

// program is the test binary as a worker that was started with a listening socket as descriptor 0.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	addr   net.Addr
	stderr bytes.Buffer
}

// startChild starts the worker with redirections of the shell, in an environment with more.
func startChild(t *testing.T, network, redirections string, more ...string) *program {
	t.Helper()
	l, err := net.Listen(network, map[string]string{"tcp": "127.0.0.1:0", "unix": filepath.Join(t.TempDir(), "s")}[network])
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	socket, err := l.(interface{ File() (*os.File, error) }).File()
	require.NoError(t, err)
	defer socket.Close()
	p := &program{t: t, addr: l.Addr(), cmd: exec.Command("/bin/sh", "-c", `exec "$0" `+redirections, os.Args[0])}
	p.cmd.Env = append([]string{childVar + "=1", "GORACE=atexit_sleep_ms=0"}, more...)
	p.cmd.Stdin, p.cmd.Stderr = socket, &p.stderr
	require.NoError(t, p.cmd.Start())
	t.Cleanup(func() { p.cmd.Process.Kill(); p.cmd.Wait() })
	return p
}

func (p *program) dial() net.Conn {
	p.t.Helper()
	c, err := net.Dial(p.addr.Network(), p.addr.String())
	require.NoError(p.t, err)
	p.t.Cleanup(func() { c.Close() })
	return c
}

func (p *program) get() (string, error) {
	return get(&fastcgi.Transport{Dial: func(context.Context) (net.Conn, error) { return net.Dial(p.addr.Network(), p.addr.String()) }})
}

// end waits for the end of the process with the exit status want.
func (p *program) end(want int) string {
	p.t.Helper()
	p.cmd.Wait()
	require.Equal(p.t, want, p.cmd.ProcessState.ExitCode(), "%s", &p.stderr)
	return p.stderr.String()
}

// An application may be started without standard output and error (FastCGI 1.0, section 2.2): nothing that is written there may reach a connection.
func TestClosedOutputs(t *testing.T) {
	const nowhere = "0 /dev/null <nil>\n1 /dev/null <nil>\n2 /dev/null <nil>\n"
	for _, network := range []string{"tcp", "unix"} {
		for _, redirections := range []string{">&- 2>&-", ">&-  2>/dev/null", "2>&- >/dev/null"} {
			t.Run(network+" "+redirections, func(t *testing.T) {
				p := startChild(t, network, redirections)
				idle := []net.Conn{p.dial(), p.dial(), p.dial()}
				for range 3 {
					answer, err := p.get()
					require.NoError(t, err)
					require.Equal(t, nowhere, answer)
				}
				for _, c := range idle {
					require.NoError(t, c.(interface{ CloseWrite() error }).CloseWrite())
					stray, err := io.ReadAll(c)
					require.NoError(t, err)
					require.Empty(t, stray, "a connection on which nothing was asked")
				}
				require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
				p.end(0)
			})
		}
	}
}

func TestProcess(t *testing.T) {
	for _, row := range []struct {
		why     string
		environ []string
		play    func(t *testing.T, p *program)
		status  int
		log     string
	}{
		{"SIGTERM ends with status 0", nil, func(t *testing.T, p *program) {
			answer, err := p.get()
			require.NoError(t, err)
			require.Contains(t, answer, "0 /dev/null", "the number is used up")
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		}, 0, "stray log"},
		{"a protocol error is in the log, and costs its connection only", nil, func(t *testing.T, p *program) {
			c := p.dial()
			io.WriteString(c, "\x02\x01\x00\x01\x00\x08\x00\x00")
			_, err := io.ReadAll(c)
			require.NoError(t, err)
			_, err = p.get()
			require.NoError(t, err)
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		}, 0, "fastcgi: "},
		{"a failure is another status and one line", []string{"FCGI_WEB_SERVER_ADDRS="}, func(*testing.T, *program) {}, 1,
			`postern: fastcgi: FCGI_WEB_SERVER_ADDRS is "": expected IP addresses such as 192.0.2.1,192.0.2.2` + "\n"},
		{"a web server that is not in FCGI_WEB_SERVER_ADDRS gets nothing", []string{"FCGI_WEB_SERVER_ADDRS=127.0.0.2"}, func(t *testing.T, p *program) {
			_, err := p.get()
			require.Error(t, err)
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
		}, 0, "fastcgi: peer is not allowed to connect"},
	} {
		t.Run(row.why, func(t *testing.T) {
			p := startChild(t, "tcp", ">/dev/null", row.environ...)
			row.play(t, p)
			log := p.end(row.status)
			require.Contains(t, log, row.log)
			if row.status != 0 {
				require.Equal(t, 1, strings.Count(log, "\n"))
			}
		})
	}
}

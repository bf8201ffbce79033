package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// shortVar makes the test binary a server that echoes, short of descriptors. Its
// value is the form of its connections.
const shortVar = "POSTERN_TEST_SHORT"

// serveShort serves the listening socket on descriptor 3 until its input ends.
func serveShort() int {
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 24, Max: 24}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	loop := &Loop{Name: "test", Handle: func(c *Conn) {
		c.Begin()
		io.Copy(struct{ io.Writer }{c}, struct{ io.Reader }{c})
		c.Close()
	}}
	if os.Getenv(shortVar) == "net.Conn" {
		loop.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { return ctx }
	}
	go loop.Serve(l)
	io.Copy(io.Discard, os.Stdin)
	loop.Close()
	return 0
}

// echoes reports whether c gets back what it sends.
func echoes(c net.Conn) bool {
	io.WriteString(c, "x")
	p := make([]byte, 1)
	_, err := io.ReadFull(c, p)
	return err == nil && p[0] == 'x'
}

// A process that has no descriptor left goes on with the connections it has,
// and accepts again when one of them has gone.
func TestNoDescriptorLeft(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		for _, form := range []string{"descriptor", "net.Conn"} {
			t.Run(network+" "+form, func(t *testing.T) {
				s := startShort(t, network, form)
				var served []net.Conn
				last := s.dial(t)
				for s.serves(last) {
					served = append(served, last)
					last = s.dial(t)
				}
				require.Greater(t, len(served), 3)
				late := s.dial(t)
				for _, c := range served {
					require.True(t, echoes(c), "it goes on")
				}
				for _, c := range served[:3] {
					require.NoError(t, c.Close())
				}
				require.True(t, echoes(late), "who has waited is accepted")
				require.True(t, echoes(s.dial(t)), "and so is who comes now")
			})
		}
	}
}

// short is the server, and what it says.
type short struct {
	addr net.Addr
	log  chan string
}

func startShort(t *testing.T, network, form string) *short {
	l, err := net.Listen(network, map[string]string{"tcp": "127.0.0.1:0", "unix": t.TempDir() + "/s"}[network])
	require.NoError(t, err)
	defer l.Close()
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false)
	}
	socket, err := l.(interface{ File() (*os.File, error) }).File()
	require.NoError(t, err)
	defer socket.Close()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), shortVar+"="+form, "GORACE=atexit_sleep_ms=0")
	cmd.ExtraFiles = []*os.File{socket}
	input, err := cmd.StdinPipe()
	require.NoError(t, err)
	output, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	s := &short{addr: l.Addr(), log: make(chan string, 1<<10)}
	go func() {
		defer close(s.log)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			s.log <- lines.Text()
		}
	}()
	t.Cleanup(func() {
		input.Close()
		for range s.log {
		}
		require.NoError(t, cmd.Wait())
	})
	return s
}

func (s *short) dial(t *testing.T) net.Conn {
	c, err := net.Dial(s.addr.Network(), s.addr.String())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return c
}

// serves reports whether c gets back what it sends before the server says that
// it has no descriptor left.
func (s *short) serves(c net.Conn) bool {
	echoed := make(chan bool, 1)
	go func() { echoed <- echoes(c) }()
	select {
	case ok := <-echoed:
		return ok
	case line, more := <-s.log:
		return more && !strings.Contains(line, "too many open files")
	}
}

package address

import (
	"bytes"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// handOver duplicates l's descriptor as a parent process does.
func handOver(t *testing.T, l net.Listener) (fd int) {
	t.Helper()
	f, err := l.(interface{ File() (*os.File, error) }).File()
	require.NoError(t, err)
	defer f.Close()
	fd, err = unix.Dup(int(f.Fd()))
	require.NoError(t, err)
	return fd
}

func TestListenFD(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	for _, spelling := range []string{"http://127.0.0.1:0", "http+unix://" + path} {
		parent := open(t, spelling)
		fd := handOver(t, parent)
		l := open(t, "http+fd:"+strconv.Itoa(fd))
		require.Equal(t, parent.Addr(), l.Addr(), "the same socket")
		_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		require.Equal(t, unix.EBADF, err, "the number is given up, so that no child has it")
		reaches(t, l, spelling)
		require.NoError(t, l.Close())
	}
	require.FileExists(t, path, "the file belongs to whoever made it")
}

func TestListenFDRefuses(t *testing.T) {
	file, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer file.Close()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	bound, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	defer unix.Close(bound)
	gram, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	require.NoError(t, err)
	defer unix.Close(gram)
	for _, row := range []struct {
		fd   int
		want string
		why  string
	}{
		{1 << 20, "is not open: expected a listening socket", "nothing there"},
		{int(file.Fd()), "is no socket: expected a listening socket", "a file"},
		{pair[0], "is a socket that does not listen: expected a listening one", "a connection"},
		{bound, "is a socket that does not listen: expected a listening one", "a socket nobody called listen on"},
		{gram, "is no stream socket: expected a listening one", "a datagram socket"},
	} {
		require.False(t, Listening(row.fd), row.why)
		_, err := listen(t, "fastcgi+fd:"+strconv.Itoa(row.fd), Options{})
		require.ErrorContains(t, err, "descriptor "+strconv.Itoa(row.fd)+" "+row.want, row.why)
	}
	_, err = unix.FcntlInt(uintptr(pair[0]), unix.F_GETFD, 0)
	require.NoError(t, err, "what is refused stays open")
}

// A real child, because nobody gives descriptor 0 of the test away.
func TestListenFD0(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	require.NoError(t, err)
	defer l.Close()
	socket, err := l.(*net.UnixListener).File()
	require.NoError(t, err)
	defer socket.Close()
	var output bytes.Buffer
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = socket, &output, &output
	require.NoError(t, cmd.Start())
	conn, err := net.Dial("unix", l.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, cmd.Wait(), "%s", &output)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, `stdin "" <nil>`, string(answer), "descriptor 0 is open and empty")
}

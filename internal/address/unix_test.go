package address

import (
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// leaveBehind makes a socket file that nobody listens on.
func leaveBehind(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	l.SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
}

func TestListenReplacesStaleSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	leaveBehind(t, path)
	reaches(t, open(t, "http+unix://"+path), "the path works again")
}

// Whatever has the path keeps it, unchanged.
func TestListenLeavesOthersAlone(t *testing.T) {
	for _, row := range []struct {
		make func(t *testing.T, path string)
		want string
		why  string
	}{
		{func(t *testing.T, path string) { open(t, "http+unix://"+path) }, "already in use", "a live listener"},
		{fullQueue, "already in use", "a live listener that does not accept"},
		{datagram, "already in use", "a live socket of another type"},
		{func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte("x"), 0o600)) }, "is no socket", "a file"},
		{func(t *testing.T, path string) { require.NoError(t, os.Mkdir(path, 0o700)) }, "is no socket", "an empty directory"},
		{func(t *testing.T, path string) {
			leaveBehind(t, path+"2")
			require.NoError(t, os.Symlink(path+"2", path))
		}, "is no socket", "a link, even to a socket left behind"},
		{func(t *testing.T, path string) { require.NoError(t, os.Symlink(path+"2", path)) }, "is no socket", "a link to nothing"},
	} {
		path := filepath.Join(t.TempDir(), "s")
		row.make(t, path)
		before, err := os.Lstat(path)
		require.NoError(t, err, row.why)
		_, err = listen(t, "http+unix://"+path, Options{})
		require.ErrorContains(t, err, row.want, row.why)
		after, err := os.Lstat(path)
		require.NoError(t, err, row.why)
		require.True(t, os.SameFile(before, after), row.why)
		require.Equal(t, before.Mode(), after.Mode(), row.why)
	}
}

// fullQueue listens at path with as many connections waiting as its queue takes.
func fullQueue(t *testing.T, path string) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	require.NoError(t, unix.Bind(fd, &unix.SockaddrUnix{Name: path}))
	require.NoError(t, unix.Listen(fd, 0))
	for {
		conn, err := net.Dial("unix", path)
		if err != nil {
			require.ErrorIs(t, err, syscall.EAGAIN)
			return
		}
		t.Cleanup(func() { conn.Close() })
	}
}

func datagram(t *testing.T, path string) {
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path})
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
}

func TestListenNoDirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "s")
	_, err := listen(t, "http+unix://"+path, Options{})
	require.EqualError(t, err, `address "http+unix://`+path+`": bind: no such file or directory`)
}

func TestCloseLeavesWhatTookItsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := listen(t, "http+unix://"+path, Options{})
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	other := open(t, "http+unix://"+path)
	require.NoError(t, l.Close())
	reaches(t, other, "the socket of another listener stays")
}

// Of several processes that find a socket left behind, one gets the path and keeps it.
func TestListenRace(t *testing.T) {
	const rounds, starters = 20, 8
	for range rounds {
		path := filepath.Join(t.TempDir(), "s")
		leaveBehind(t, path)
		listeners, errs := make([]net.Listener, starters), make([]error, starters)
		var wg sync.WaitGroup
		for i := range starters {
			wg.Go(func() { listeners[i], errs[i] = Address{Protocol: HTTP, Network: Unix, Host: path}.Listen(Options{}) })
		}
		wg.Wait()
		var winner net.Listener
		for i, l := range listeners {
			if errs[i] != nil {
				require.ErrorIs(t, errs[i], syscall.EADDRINUSE)
				continue
			}
			require.Nil(t, winner, "one gets the path")
			winner = l
		}
		require.NotNil(t, winner, "somebody gets the path")
		require.FileExists(t, path)
		require.NoError(t, winner.Close())
	}
}

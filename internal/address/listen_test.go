package address

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func listen(t *testing.T, spelling string, o Options) (net.Listener, error) {
	t.Helper()
	a, err := Parse(spelling)
	require.NoError(t, err)
	return a.Listen(o)
}

// open listens and closes at the end of the test.
func open(t *testing.T, spelling string) net.Listener {
	t.Helper()
	l, err := listen(t, spelling, Options{})
	require.NoError(t, err)
	t.Cleanup(func() { l.Close() })
	return l
}

// reaches requires that a connection to l's address arrives at l.
func reaches(t *testing.T, l net.Listener, why string) {
	t.Helper()
	client, err := net.Dial(l.Addr().Network(), l.Addr().String())
	require.NoError(t, err, why)
	defer client.Close()
	server, err := l.Accept()
	require.NoError(t, err, why)
	require.NoError(t, server.Close(), why)
}

func TestListenTCP(t *testing.T) {
	l := open(t, "http://127.0.0.1:0")
	reaches(t, l, "port 0 is chosen by the system")
	_, err := listen(t, "http://"+l.Addr().String(), Options{})
	require.ErrorIs(t, err, syscall.EADDRINUSE)
	require.EqualError(t, err, `address "http://`+l.Addr().String()+`": already in use: another process listens there`, "one line, the address once")
}

func TestTCPNetwork(t *testing.T) {
	for _, row := range []struct{ host, want, why string }{
		{"0.0.0.0:80", "tcp4", "the IPv4 wildcard is not IPv6 too"},
		{"127.0.0.1:80", "tcp4", "IPv4"},
		{"[::]:80", "tcp6", "the IPv6 wildcard is not IPv4 too"},
		{"[fe80::1%eth0]:80", "tcp6", "a zone"},
		{"[::ffff:127.0.0.1]:80", "tcp4", "IPv4 in IPv6's clothes"},
		{"localhost:80", "tcp", "a name has the families it has"},
	} {
		require.Equal(t, row.want, tcpNetwork(row.host), row.why)
	}
}

func TestListenAbstract(t *testing.T) {
	name := "http+unix:@postern-test-" + strconv.Itoa(os.Getpid())
	reaches(t, open(t, name), "an abstract socket")
	_, err := listen(t, name, Options{})
	require.ErrorIs(t, err, syscall.EADDRINUSE, "a taken name")
	_, err = listen(t, name, Options{Mode: 0o600})
	require.ErrorContains(t, err, "an abstract socket has no mode and no owner", "what cannot be kept is not promised")
}

func TestListenNothing(t *testing.T) {
	for _, spelling := range []string{"auto", "cgi:"} {
		_, err := listen(t, spelling, Options{})
		require.ErrorContains(t, err, "nothing to listen on")
	}
}

func TestListenUnix(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	old := syscall.Umask(0o777)
	defer syscall.Umask(old)
	for _, row := range []struct {
		options Options
		want    os.FileMode
		why     string
	}{
		{Options{}, 0o660, "the default, whatever the umask"},
		{Options{Mode: 0o600}, 0o600, "narrower"},
		{Options{Mode: 0o666}, 0o666, "wider"},
	} {
		l, err := listen(t, "http+unix://"+path, row.options)
		require.NoError(t, err, row.why)
		file, err := os.Lstat(path)
		require.NoError(t, err, row.why)
		require.Equal(t, os.ModeSocket|row.want, file.Mode(), row.why)
		reaches(t, l, row.why)
		require.NoError(t, l.Close(), row.why)
		require.NoFileExists(t, path, "removed at the end: "+row.why)
		require.ErrorIs(t, l.Close(), net.ErrClosed, "a second Close: "+row.why)
	}
}

func TestListenUnixOwner(t *testing.T) {
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 65534, 65533
	}
	path := filepath.Join(t.TempDir(), "s")
	l, err := listen(t, "http+unix://"+path, Options{Owner: strconv.Itoa(uid) + ":" + strconv.Itoa(gid)})
	require.NoError(t, err)
	defer l.Close()
	file, err := os.Lstat(path)
	require.NoError(t, err)
	stat := file.Sys().(*syscall.Stat_t)
	require.Equal(t, []int{uid, gid}, []int{int(stat.Uid), int(stat.Gid)})
	require.Equal(t, DefaultMode, file.Mode().Perm(), "an owner leaves the mode alone")
}

func TestListenUnixOptions(t *testing.T) {
	for _, row := range []struct {
		options Options
		want    string
		why     string
	}{
		{Options{Mode: 0o1660}, "at most 0777", "more than permission bits"},
		{Options{Mode: os.ModeDir | 0o660}, "at most 0777", "a file type"},
		{Options{Owner: "no-such-user"}, `no user "no-such-user" on this machine`, "an unknown user"},
		{Options{Owner: ":no-such-group"}, `no group "no-such-group" on this machine`, "an unknown group"},
		{Options{Owner: ":"}, `expected "user", "user:group" or ":group"`, "a colon alone"},
		{Options{Owner: "root:"}, `expected "user", "user:group" or ":group"`, "a colon too much"},
		{Options{Owner: "-1"}, `no user "-1"`, "a negative number"},
	} {
		path := filepath.Join(t.TempDir(), "s")
		_, err := listen(t, "http+unix://"+path, row.options)
		require.ErrorContains(t, err, row.want, row.why)
		require.NoFileExists(t, path, row.why)
	}
}

func TestLookupOwner(t *testing.T) {
	for _, row := range []struct {
		owner    string
		uid, gid int
		why      string
	}{
		{"", -1, -1, "nothing changes"},
		{"root", 0, -1, "a user by name"},
		{"33", 33, -1, "a user by number, known or not"},
		{"root:33", 0, 33, "both"},
		{":root", -1, 0, "a group by name"},
	} {
		uid, gid, err := lookupOwner(row.owner)
		require.NoError(t, err, row.why)
		require.Equal(t, []int{row.uid, row.gid}, []int{uid, gid}, row.why)
	}
}

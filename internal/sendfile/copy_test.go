package sendfile

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// kernel tells whether this system has a way that is not through memory.
const kernel = runtime.GOOS == "linux"

// An end is the side of a connection or pipe that Copy writes to.
type end struct {
	io.WriteCloser
	pieces int // for which Descriptor was called
	copied int // bytes that came by Write
	bound  func()
	failed error
}

func (e *end) Write(p []byte) (int, error) {
	n, err := e.WriteCloser.Write(p)
	e.copied += n
	return n, err
}

func (e *end) Descriptor() (syscall.RawConn, error) {
	e.pieces++
	if e.bound != nil {
		e.bound()
	}
	c, ok := e.WriteCloser.(syscall.Conn)
	if !ok {
		return nil, nil
	}
	return c.SyscallConn()
}

func (e *end) Fail(err error) { e.failed = err }

// ways are what the bytes go over.
var ways = map[string]func(t *testing.T) (io.WriteCloser, io.ReadCloser){
	"tcp": func(t *testing.T) (io.WriteCloser, io.ReadCloser) { return sockets(t, "tcp", "127.0.0.1:0") },
	"unix": func(t *testing.T) (io.WriteCloser, io.ReadCloser) {
		return sockets(t, "unix", filepath.Join(t.TempDir(), "s"))
	},
	"pipe": func(t *testing.T) (io.WriteCloser, io.ReadCloser) {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		return w, r
	},
	"blocking pipe": func(t *testing.T) (io.WriteCloser, io.ReadCloser) {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		w.Fd() // which makes it so
		return w, r
	},
}

func sockets(t *testing.T, network, address string) (net.Conn, net.Conn) {
	l, err := net.Listen(network, address)
	require.NoError(t, err)
	defer l.Close()
	peer, err := net.Dial(network, l.Addr().String())
	require.NoError(t, err)
	c, err := l.Accept()
	require.NoError(t, err)
	return c, peer
}

func opened(t *testing.T, way string) (*end, io.ReadCloser) {
	w, r := ways[way](t)
	t.Cleanup(func() {
		w.Close()
		r.Close()
	})
	return &end{WriteCloser: w}, r
}

// content returns n bytes in which every place shows.
func content(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

func fileOf(t *testing.T, b []byte) *os.File {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// received reads all that comes, beside the test.
func received(r io.Reader) chan []byte {
	all := make(chan []byte, 1)
	go func() {
		b, _ := io.ReadAll(r)
		all <- b
	}()
	return all
}

func offset(t *testing.T, f *os.File) int64 {
	at, err := f.Seek(0, io.SeekCurrent)
	require.NoError(t, err)
	return at
}

func TestCopy(t *testing.T) {
	const size = 3*piece + 1000
	whole := content(size)
	for _, row := range []struct {
		why      string
		start, n int64 // n < 0: no limit
		want     []byte
		copied   int // by Write, where the system has another way
		pieces   int
	}{
		{"a whole file", 0, -1, whole, 0, 5},
		{"a file from the middle", 1234, -1, whole[1234:], 0, 4},
		{"a part of a file", 1234, 2 * piece, whole[1234 : 1234+2*piece], 0, 2},
		{"a part that is longer than the file", 0, 2 * size, whole, 0, 5},
		{"a small part goes by memory", 10, least - 1, whole[10 : 10+least-1], least - 1, 0},
		{"a part of nothing", 10, 0, nil, 0, 0},
		{"the end of a file", size, -1, nil, 0, 1},
	} {
		for way := range ways {
			t.Run(way+"/"+row.why, func(t *testing.T) {
				e, r := opened(t, way)
				f := fileOf(t, whole)
				_, err := f.Seek(row.start, io.SeekStart)
				require.NoError(t, err)
				all := received(r)
				limited := &io.LimitedReader{R: f, N: row.n}
				src := io.Reader(limited)
				if row.n < 0 {
					src = struct{ *os.File }{f} // as io.Copy wraps it
				}
				n, err := Copy(e, src)
				require.NoError(t, err)
				require.NoError(t, e.Close())
				require.True(t, bytes.Equal(row.want, <-all))
				require.EqualValues(t, len(row.want), n)
				require.Equal(t, row.start+n, offset(t, f))
				if row.n >= 0 {
					require.Equal(t, row.n-n, limited.N)
				}
				if kernel {
					require.Equal(t, row.copied, e.copied)
					require.Equal(t, row.pieces, e.pieces)
				}
			})
		}
	}
}

func TestCopyByMemory(t *testing.T) {
	whole := content(piece)
	for _, row := range []struct {
		why string
		src func(t *testing.T) io.Reader
		dst func(t *testing.T) io.WriteCloser // nil: a pipe
	}{
		{"no file", func(t *testing.T) io.Reader { return bytes.NewReader(whole) }, nil},
		{"a pipe", func(t *testing.T) io.Reader {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			t.Cleanup(func() { r.Close() })
			go func() {
				w.Write(whole)
				w.Close()
			}()
			return r
		}, nil},
		{"a file below two limits", func(t *testing.T) io.Reader {
			return io.LimitReader(io.LimitReader(fileOf(t, whole), piece), piece)
		}, nil},
		{"a target without a descriptor", func(t *testing.T) io.Reader { return fileOf(t, whole) }, func(t *testing.T) io.WriteCloser {
			return struct{ io.WriteCloser }{appended(t)}
		}},
		{"a file open for appending, to which no file is sent", func(t *testing.T) io.Reader { return fileOf(t, whole) }, appended},
	} {
		t.Run(row.why, func(t *testing.T) {
			if row.dst != nil {
				e := &end{WriteCloser: row.dst(t)}
				n, err := Copy(e, row.src(t))
				require.NoError(t, err)
				require.EqualValues(t, piece, n)
				require.Equal(t, piece, e.copied)
				require.NoError(t, e.failed)
				return
			}
			e, r := opened(t, "pipe")
			all := received(r)
			n, err := Copy(e, row.src(t))
			require.NoError(t, err)
			require.NoError(t, e.Close())
			require.EqualValues(t, piece, n)
			require.True(t, bytes.Equal(whole, <-all))
			require.Equal(t, piece, e.copied)
		})
	}
}

func appended(t *testing.T) io.WriteCloser {
	f, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// A file that the system makes up has no size, yet bytes.
func TestCopyMadeUpFile(t *testing.T) {
	if !kernel {
		require.Nil(t, open(os.Stdin))
		return
	}
	f, err := os.Open("/proc/self/maps")
	require.NoError(t, err)
	defer f.Close()
	e, r := opened(t, "pipe")
	all := received(r)
	_, err = Copy(e, f)
	require.NoError(t, err)
	require.NoError(t, e.Close())
	require.Contains(t, string(<-all), "[stack]")
}

func TestCopyToNobody(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			e, r := opened(t, way)
			left := make(chan error, 1)
			go func() {
				_, err := io.ReadFull(r, make([]byte, piece))
				left <- errors.Join(err, r.Close())
			}()
			f := fileOf(t, content(16<<20))
			n, err := Copy(e, f)
			require.NoError(t, <-left)
			require.Error(t, err)
			require.True(t, errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET), "%v", err)
			require.GreaterOrEqual(t, n, int64(piece))
			require.Less(t, n, int64(16<<20))
			if kernel {
				require.Equal(t, err, e.failed, "what follows must fail, too")
				require.Equal(t, n, offset(t, f))
			}
		})
	}
}

// The time is bounded for each piece: here the third one has none left.
func TestCopyDeadline(t *testing.T) {
	for _, way := range []string{"tcp", "unix", "pipe"} {
		t.Run(way, func(t *testing.T) {
			e, r := opened(t, way)
			e.bound = func() {
				if e.pieces == 3 {
					require.NoError(t, e.WriteCloser.(interface{ SetWriteDeadline(time.Time) error }).SetWriteDeadline(time.Unix(1, 0)))
				}
			}
			all := received(r)
			f := fileOf(t, content(16<<20))
			n, err := Copy(e, f)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.NoError(t, e.Close())
			require.True(t, bytes.Equal(content(16 << 20)[:n], <-all), "what was counted has arrived")
			if kernel {
				require.EqualValues(t, 2*piece, n)
				require.Equal(t, n, offset(t, f))
				require.ErrorIs(t, e.failed, os.ErrDeadlineExceeded)
			}
		})
	}
}

// A descriptor that is closed, or cannot be waited for, is the business of Write.
func TestCopyToClosed(t *testing.T) {
	for way := range ways {
		t.Run(way, func(t *testing.T) {
			e, _ := opened(t, way)
			e.bound = func() { e.Close() }
			_, err := Copy(e, fileOf(t, content(piece)))
			require.True(t, errors.Is(err, net.ErrClosed) || errors.Is(err, os.ErrClosed), "%v", err)
		})
	}
}

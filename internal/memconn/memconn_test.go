package memconn

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func read(c net.Conn, n int) (string, error) {
	p := make([]byte, n)
	n, err := c.Read(p)
	return string(p[:n]), err
}

func write(c net.Conn, s string) error {
	_, err := c.Write([]byte(s))
	return err
}

func TestConn(t *testing.T) {
	for _, row := range []struct {
		why  string
		play func(t *testing.T, a, b *Conn)
	}{
		{"bytes arrive in order and in parts", func(t *testing.T, a, b *Conn) {
			require.NoError(t, write(a, "abc"))
			require.NoError(t, write(a, "d"))
			for _, want := range []string{"ab", "cd"} {
				got, err := read(b, 2)
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		}},
		{"a writer waits for room", func(t *testing.T, a, b *Conn) {
			done := false
			go func() { write(a, "12345678"); done = true }()
			synctest.Wait()
			require.False(t, done, "only 4 bytes fit")
			got, _ := read(b, 9)
			require.Equal(t, "1234", got)
			synctest.Wait()
			require.True(t, done)
		}},
		{"a half-close is the end of the stream, and no more", func(t *testing.T, a, b *Conn) {
			require.NoError(t, write(a, "x"))
			require.NoError(t, a.CloseWrite())
			got, _ := read(b, 2)
			require.Equal(t, "x", got)
			_, err := read(b, 2)
			require.Equal(t, io.EOF, err)
			require.ErrorIs(t, write(a, "y"), syscall.EPIPE)
			require.NoError(t, write(b, "z"))
			got, _ = read(a, 2)
			require.Equal(t, "z", got)
		}},
		{"a close lets the peer read what was written", func(t *testing.T, a, b *Conn) {
			require.NoError(t, write(a, "x"))
			require.NoError(t, a.Close())
			got, err := read(b, 2)
			require.NoError(t, err)
			require.Equal(t, "x", got)
			_, err = read(b, 2)
			require.Equal(t, io.EOF, err)
			require.ErrorIs(t, write(b, "y"), syscall.EPIPE)
			require.ErrorIs(t, a.Close(), net.ErrClosed, "the second time")
			_, err = read(a, 1)
			require.ErrorIs(t, err, net.ErrClosed)
			require.ErrorIs(t, write(a, "y"), net.ErrClosed)
			require.ErrorIs(t, a.CloseWrite(), net.ErrClosed)
		}},
		{"a close with bytes unread destroys the answer", func(t *testing.T, a, b *Conn) {
			require.NoError(t, write(b, "unread"[:4]))
			require.NoError(t, write(a, "x"))
			require.NoError(t, a.Close())
			_, err := read(b, 2)
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}},
		{"a reset destroys what is on its way", func(t *testing.T, a, b *Conn) {
			require.NoError(t, write(a, "x"))
			require.NoError(t, a.Reset())
			_, err := read(b, 2)
			require.ErrorIs(t, err, syscall.ECONNRESET)
		}},
		{"a close ends the reads that wait on both sides", func(t *testing.T, a, b *Conn) {
			var errs [2]error
			go func() { _, errs[0] = read(a, 1) }()
			go func() { _, errs[1] = read(b, 1) }()
			synctest.Wait()
			require.NoError(t, a.Close())
			synctest.Wait()
			require.Equal(t, [2]error{net.ErrClosed, io.EOF}, errs)
		}},
		{"a close ends the writes that wait on both sides", func(t *testing.T, a, b *Conn) {
			var errs [2]error
			go func() { errs[0] = write(a, "more than fits") }()
			go func() { errs[1] = write(b, "more than fits") }()
			synctest.Wait()
			require.NoError(t, a.Close())
			synctest.Wait()
			require.Equal(t, [2]error{net.ErrClosed, syscall.EPIPE}, errs)
		}},
		{"a deadline ends a read that waits, until it is moved", func(t *testing.T, a, b *Conn) {
			start := time.Now()
			require.NoError(t, a.SetReadDeadline(start.Add(time.Minute)))
			_, err := read(a, 1)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.Equal(t, time.Minute, time.Since(start))
			require.NoError(t, write(b, "x"))
			_, err = read(a, 1)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded, "although there is something to read")
			require.NoError(t, a.SetReadDeadline(time.Time{}))
			_, err = read(a, 1)
			require.NoError(t, err)
		}},
		{"a deadline ends a write that waits, and says how much was written", func(t *testing.T, a, b *Conn) {
			require.NoError(t, a.SetDeadline(time.Now().Add(time.Minute)))
			n, err := a.Write([]byte("123456"))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			require.Equal(t, 4, n)
		}},
		{"a deadline that has passed before ends a read at once", func(t *testing.T, a, b *Conn) {
			require.NoError(t, a.SetReadDeadline(time.Unix(1, 0)))
			_, err := read(a, 1)
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		}},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := Pipe(4)
				row.play(t, a, b)
				a.Close()
				b.Close()
			})
		})
	}
}

func TestListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen()
		first, err := l.Dial()
		require.NoError(t, err)
		c, err := l.Accept()
		require.NoError(t, err)
		require.NoError(t, write(first, "x"))
		got, err := read(c, 1)
		require.NoError(t, err)
		require.Equal(t, "x", got)

		second, err := l.Dial()
		require.NoError(t, err)
		require.NoError(t, l.Close())
		_, err = read(second, 1)
		require.ErrorIs(t, err, syscall.ECONNRESET, "nobody has accepted it")
		_, err = l.Accept()
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = l.Dial()
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
		require.ErrorIs(t, l.Close(), net.ErrClosed)
	})
}

func TestCloseEndsAccept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen()
		var err error
		go func() { _, err = l.Accept() }()
		synctest.Wait()
		require.NoError(t, l.Close())
		synctest.Wait()
		require.ErrorIs(t, err, net.ErrClosed)
	})
}

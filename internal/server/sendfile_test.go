package server

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

const (
	fileSize = 2 << 20
	tooLarge = 64 << 20 // for any socket to hold
)

func fileOf(t *testing.T, b []byte) *os.File {
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	f, err := os.Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func TestWriterReadFrom(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), fileSize/16)
	for _, row := range []struct {
		why  string
		pair func(t *testing.T) (*Conn, net.Conn)
	}{
		{"TCP", func(t *testing.T) (*Conn, net.Conn) { return accepted(t, "tcp") }},
		{"TCP, a descriptor", func(t *testing.T) (*Conn, net.Conn) { return accepted(t, "tcp descriptor") }},
		{"unix", func(t *testing.T) (*Conn, net.Conn) { return accepted(t, "unix") }},
		{"unix, a descriptor", func(t *testing.T) (*Conn, net.Conn) { return accepted(t, "unix descriptor") }},
		{"a connection without a socket", func(t *testing.T) (*Conn, net.Conn) {
			nc, peer := memconn.Pipe(1 << 10)
			return connected(t, &netForm{Conn: nc}, peer), peer
		}},
		{"a connection whose bytes are not those of its socket", func(t *testing.T) (*Conn, net.Conn) {
			c, peer := accepted(t, "unix")
			nc, err := c.NetConn()
			require.NoError(t, err)
			return connected(t, &netForm{Conn: over{nc}}, peer), flipped{peer}
		}},
	} {
		t.Run(row.why, func(t *testing.T) {
			c, peer := row.pair(t)
			all := make(chan []byte, 1)
			go func() {
				b, _ := io.ReadAll(peer)
				all <- b
			}()
			w := NewWriter(c)
			_, err := io.WriteString(w, "before ")
			require.NoError(t, err)
			n, err := w.ReadFrom(fileOf(t, body))
			require.NoError(t, err)
			require.EqualValues(t, fileSize, n)
			_, err = io.WriteString(w, " after")
			require.NoError(t, err)
			require.NoError(t, w.Flush())
			require.NoError(t, c.Close())
			require.True(t, bytes.Equal([]byte("before "+string(body)+" after"), <-all))
		})
	}
}

// over changes what it sends, as TLS does.
type over struct{ net.Conn }

func (o over) NetConn() net.Conn { return o.Conn }

func (o over) Write(p []byte) (int, error) { return o.Conn.Write(flip(bytes.Clone(p))) }

type flipped struct{ net.Conn }

func (f flipped) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	flip(p[:n])
	return n, err
}

func flip(p []byte) []byte {
	for i := range p {
		p[i] = ^p[i]
	}
	return p
}

// Nobody reads: the first piece that does not fit is the one that is too late.
func TestWriterReadFromTimeout(t *testing.T) {
	for _, kind := range forms("tcp", "unix") {
		for _, row := range []struct {
			why   string
			bound func(c *Conn)
		}{
			{"WriteTimeout", func(c *Conn) { c.loop.WriteTimeout = time.Millisecond }},
			{"the handler's own deadline", func(c *Conn) {
				require.NoError(t, c.SetWriteDeadline(time.Now().Add(time.Millisecond)))
			}},
		} {
			t.Run(kind+"/"+row.why, func(t *testing.T) {
				c, peer := accepted(t, kind)
				row.bound(c)
				w := NewWriter(c)
				f := fileOf(t, nil)
				require.NoError(t, os.Truncate(f.Name(), tooLarge))
				n, err := w.ReadFrom(f)
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.ErrorIs(t, w.Flush(), os.ErrDeadlineExceeded, "the error stays")
				require.NoError(t, c.SetWriteDeadline(time.Time{}))
				_, err = io.WriteString(w, "more")
				require.ErrorIs(t, err, os.ErrDeadlineExceeded, "a response with a hole in it is worse than a short one")
				require.NoError(t, c.CloseWrite())
				sent, err := io.Copy(io.Discard, peer)
				require.NoError(t, err)
				require.Equal(t, n, sent)
			})
		}
	}
}

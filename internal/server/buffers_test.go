package server

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// places are slices to read into. The first has room for one byte more.
func places() [][]byte { return [][]byte{make([]byte, 3, 4), make([]byte, 2), make([]byte, 4)} }

func TestReadBuffers(t *testing.T) {
	for _, kind := range append(forms("tcp", "unix"), "memory") {
		t.Run(kind, func(t *testing.T) {
			c, peer := connection(t, kind)
			io.WriteString(peer, "abcdefghij")
			v := places()
			n, err := c.ReadBuffers(v)
			require.NoError(t, err)
			if kind == "memory" {
				require.Equal(t, "abc d\x00", string(v[0])+" "+string(v[1]), "one read goes as far as the first may be written to")
				require.Equal(t, 4, n)
				return
			}
			require.Equal(t, "abc de fghi", string(v[0])+" "+string(v[1])+" "+string(v[2]))
			require.Equal(t, 9, n)
			n, err = c.ReadBuffers(v)
			require.NoError(t, err)
			require.Equal(t, "j", string(v[0][:n]), "what has come in part is returned")
		})
	}
}

func TestReadBuffersWaits(t *testing.T) {
	for _, kind := range append(forms("tcp", "unix"), "memory") {
		t.Run(kind, func(t *testing.T) {
			c, peer := connection(t, kind)
			read := func() (string, error) {
				v := places()
				n, err := c.ReadBuffers(v)
				return strings.ReplaceAll(string(v[0])+string(v[1])+string(v[2]), "\x00", "")[:n], err
			}
			for _, s := range []string{"x", "yz"} {
				time.AfterFunc(5*time.Millisecond, func() { io.WriteString(peer, s) })
				got, err := read()
				require.NoError(t, err)
				require.Equal(t, s, got)
			}
			c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
			_, err := read()
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			c.SetReadDeadline(time.Time{})
			peer.Close()
			_, err = read()
			require.ErrorIs(t, err, io.EOF)
			c.Close()
			_, err = read()
			require.True(t, errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe), "%v", err)
		})
	}
}

// connection is accepted, or what is no socket.
func connection(t *testing.T, kind string) (*Conn, net.Conn) {
	if kind != "memory" {
		return accepted(t, kind)
	}
	server, peer := memconn.Pipe(64)
	return connected(t, &netForm{Conn: server}, peer), peer
}

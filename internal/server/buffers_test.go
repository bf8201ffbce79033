package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
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

// What a read has nothing for, it says, also where it need not wait.
func TestReadBuffersAtTheEnd(t *testing.T) {
	for _, kind := range append(forms("tcp", "unix"), "memory") {
		t.Run(kind, func(t *testing.T) {
			c, peer := connection(t, kind)
			peer.Close()
			n, err := c.ReadBuffers(places())
			require.Zero(t, n)
			require.ErrorIs(t, err, io.EOF)
		})
	}
	for _, kind := range forms("tcp") {
		for _, waits := range []bool{true, false} {
			t.Run(fmt.Sprint(kind, " reset, waits: ", waits), func(t *testing.T) {
				c, peer := connection(t, kind)
				peer.(*net.TCPConn).SetLinger(0)
				if waits {
					time.AfterFunc(5*time.Millisecond, func() { peer.Close() })
				} else {
					peer.Close()
				}
				n, err := c.ReadBuffers(places())
				require.Zero(t, n)
				require.ErrorIs(t, err, syscall.ECONNRESET)
			})
		}
	}
}

// A shouting connection is a socket that says all in capitals.
type shouting struct{ *net.TCPConn }

func (c shouting) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	copy(p, bytes.ToUpper(p[:n]))
	return n, err
}

func (c shouting) Write(p []byte) (int, error) { return c.TCPConn.Write(bytes.ToUpper(p)) }

// Some memory lends itself.
type someMemory []byte

func (m someMemory) Lend() []byte { return m }
func (m someMemory) Return()      {}
func (m someMemory) Waits()       {}

// A type that embeds a socket reads and writes by methods of its own.
func TestWhatEmbedsASocket(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	peer, err := net.Dial("tcp", l.Addr().String())
	require.NoError(t, err)
	nc, err := l.Accept()
	require.NoError(t, err)
	c := connected(t, &netForm{Conn: shouting{nc.(*net.TCPConn)}}, peer)
	io.WriteString(peer, "ab")
	v := places()
	n, err := c.ReadBuffers(v)
	require.NoError(t, err)
	require.Equal(t, "AB", string(v[0][:n]))
	io.WriteString(peer, "cd")
	p := make(someMemory, 8)
	n, err = c.ReadLent(p)
	require.NoError(t, err)
	require.Equal(t, "CD", string(p[:n]))
	_, err = c.WriteBuffers(&net.Buffers{[]byte("e"), []byte("f")})
	require.NoError(t, err)
	_, err = io.ReadFull(peer, p[:2])
	require.NoError(t, err)
	require.Equal(t, "EF", string(p[:2]))
}

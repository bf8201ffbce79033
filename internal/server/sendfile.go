package server

import (
	"io"
	"syscall"

	"github.com/postern-go/postern/internal/sendfile"
)

// ReadFrom sends src until io.EOF, after what was gathered: a regular file, or
// an *io.LimitedReader around one, by the system, in pieces of at most 256 KiB
// with a WriteTimeout each. What goes by memory may stay gathered.
func (w *Writer) ReadFrom(src io.Reader) (int64, error) {
	return sendfile.Copy(fileTarget{w}, src)
}

// A fileTarget is a Writer as sendfile.Copy wants it.
type fileTarget struct{ *Writer }

func (t fileTarget) Fail(err error) { t.err = err }

func (t fileTarget) Descriptor() (syscall.RawConn, error) {
	raw := t.conn.plainSocket()
	if raw == nil {
		return nil, nil
	}
	if err := t.Flush(); err != nil {
		return nil, err
	}
	t.conn.armWrite()
	return raw, nil
}

// plainSocket returns the socket when its bytes are those of the connection, as
// they are not under TLS, otherwise nil.
func (c *Conn) plainSocket() syscall.RawConn {
	if nc := c.Accepted(); nc == nil || isSocket(nc) {
		return c.socket()
	}
	return nil
}

package cgi

import (
	"io"
	"net"
	"os"
	"syscall"

	"github.com/postern-go/postern/internal/sendfile"
)

// ReadFrom sends src until io.EOF, after what is held back: a regular file without its bytes passing through this process, where Stdout
// has a descriptor and the system can do it.
func (x *exchange) ReadFrom(src io.Reader) (int64, error) {
	return sendfile.Copy((*fileTarget)(x), src)
}

// A fileTarget is an exchange as sendfile.Copy wants it.
type fileTarget exchange

func (t *fileTarget) Write(p []byte) (int, error) { return (*exchange)(t).Write(p) }

func (t *fileTarget) Fail(err error) { (*exchange)(t).fail(err) }

func (t *fileTarget) Descriptor() (syscall.RawConn, error) {
	out, ok := descriptor(t.program.Stdout)
	if !ok {
		return nil, nil
	}
	if err := (*exchange)(t).Flush(); err != nil {
		return nil, err
	}
	return out.SyscallConn()
}

// descriptor knows the streams whose Write does no more than to write to their descriptor.
func descriptor(w io.Writer) (syscall.Conn, bool) {
	switch w := w.(type) {
	case stream:
		return w, true
	case *os.File:
		return w, true
	case *net.TCPConn:
		return w, true
	case *net.UnixConn:
		return w, true
	}
	return nil, false
}

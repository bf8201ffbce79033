package server

import (
	"errors"
	"io"
	"net"
	"syscall"
	"time"
)

// A form is what a connection is made of: any net.Conn, or a descriptor that
// the runtime's poller meets only when a read or write would block.
type form interface {
	Read(p []byte) (int, error)
	// readLent reads into memory of l, which it has only while it reads.
	readLent(l Lender) (int, error)
	// readBuffers is Conn.ReadBuffers.
	readBuffers(v [][]byte) (int, error)
	Write(p []byte) (int, error)
	writeBuffers(v *net.Buffers) (int64, error)
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	CloseWrite() error
	// cork holds on TCP back what does not fill a packet, until CloseWrite.
	cork()
	Close() error
	// attach tells the form whose it is.
	attach(c *Conn)
	// waited reports whether a call may have waited for the peer.
	waited() bool
	// abort makes the Close that follows a reset, where there is such a thing.
	abort()
	RemoteAddr() net.Addr
	LocalAddr() net.Addr
	// netConn returns the connection as a net.Conn, which takes the place of
	// the form. Nobody may be reading or writing.
	netConn() (net.Conn, error)
	unix() bool
	// credentials are the effective user and group that the peer of a unix
	// socket connected as.
	credentials() (uid, gid uint32, err error)
	syscallConn() (syscall.RawConn, error)
}

// A netForm is a connection of any listener.
type netForm struct {
	net.Conn
	lent lentReader
}

func (f *netForm) readLent(l Lender) (int, error) {
	if f.canLend() {
		return f.lent.read(l)
	}
	l.Waits()
	n, err := f.Conn.Read(l.Lend())
	if n == 0 {
		l.Return()
	}
	return n, err
}

func (f *netForm) readBuffers(v [][]byte) (int, error) {
	if f.canLend() {
		return readVector(f.lent.raw, v)
	}
	p := v[0]
	if len(v) > 1 {
		p = p[:min(len(p)+len(v[1]), cap(p))]
	}
	n, err := f.Conn.Read(p)
	if n > len(v[0]) {
		copy(v[1], p[len(v[0]):n])
	}
	return n, err
}

// canLend reports whether there is a socket that can be waited for without
// memory to read into.
func (f *netForm) canLend() bool {
	if f.lent.raw != nil {
		return true
	}
	if !lends || !isSocket(f.Conn) {
		return false
	}
	raw, err := f.syscallConn()
	f.lent.raw = raw
	return err == nil
}

// isSocket reports whether the bytes of nc are those of its socket. A type that
// embeds a connection may do something to them.
func isSocket(nc net.Conn) bool {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
		return true
	}
	return false
}

// writeBuffers hides from net.Buffers what a type that embeds a socket has of it.
func (f *netForm) writeBuffers(v *net.Buffers) (int64, error) {
	if isSocket(f.Conn) {
		return v.WriteTo(f.Conn)
	}
	return v.WriteTo(struct{ io.Writer }{f.Conn})
}

func (f *netForm) CloseWrite() error {
	if half, ok := f.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

func (f *netForm) cork() {
	if tcp, ok := f.Conn.(*net.TCPConn); ok {
		if raw, err := tcp.SyscallConn(); err == nil {
			raw.Control(func(fd uintptr) { corkSocket(int(fd)) })
		}
	}
}

// abort of TLS closes what is below, so that the peer gets no close_notify.
func (f *netForm) abort() {
	nc := below(f.Conn)
	if t, ok := nc.(*net.TCPConn); ok {
		t.SetLinger(0)
	}
	if nc != f.Conn {
		nc.Close()
	}
}

// below returns the connection that TLS and its kind run over.
func below(nc net.Conn) net.Conn {
	if t, ok := nc.(interface{ NetConn() net.Conn }); ok {
		return t.NetConn()
	}
	return nc
}

func (f *netForm) netConn() (net.Conn, error) { return f.Conn, nil }

func (f *netForm) attach(*Conn) {}

func (f *netForm) waited() bool { return true }

func (f *netForm) unix() bool {
	addr := f.Conn.LocalAddr()
	return addr != nil && addr.Network() == "unix"
}

func (f *netForm) syscallConn() (syscall.RawConn, error) {
	c, ok := below(f.Conn).(syscall.Conn)
	if !ok {
		return nil, errors.ErrUnsupported
	}
	return c.SyscallConn()
}

func (f *netForm) credentials() (uid, gid uint32, err error) {
	raw, err := f.syscallConn()
	if err != nil {
		return 0, 0, err
	}
	failed := raw.Control(func(fd uintptr) { uid, gid, err = socketCredentials(int(fd)) })
	return uid, gid, errors.Join(failed, err)
}

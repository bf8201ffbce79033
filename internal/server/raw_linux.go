package server

import (
	"errors"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A rawForm is a non-blocking socket. Most short connections are answered and
// closed without ever waiting, and then cost the runtime's poller nothing. The
// first call that would block, or is too late, makes it an *os.File.
type rawForm struct {
	conn  *Conn
	mu    sync.Mutex // held over every system call on fd while file is nil
	fd    int        // -1 when closed or taken over by file
	file  atomic.Pointer[os.File]
	local bool         // a unix socket
	wrote bool         // once
	brisk bool         // prompt was called
	until [2]time.Time // the deadlines of reads and writes
	told  [2]time.Time // those that file has

	closed atomic.Bool
	lent   lentReader
}

func newRawForm(fd int, local bool) *rawForm {
	return &rawForm{fd: fd, local: local}
}

func (f *rawForm) attach(c *Conn) { f.conn = c }
func (f *rawForm) waited() bool   { return f.file.Load() != nil }
func (f *rawForm) unix() bool     { return f.local }

// poll makes the descriptor known to the poller. The mutex is held.
func (f *rawForm) poll() (*os.File, error) {
	if file := f.file.Load(); file != nil {
		return file, nil
	}
	if f.fd < 0 {
		return nil, net.ErrClosed
	}
	f.conn.PassRight(false)
	f.prompt()
	if !f.local {
		f.keepAlive()
	}
	file := os.NewFile(uintptr(f.fd), "socket")
	f.fd = -1
	f.file.Store(file)
	for which, t := range f.until {
		if !t.IsZero() {
			f.tell(which, t)
		}
	}
	return file, nil
}

// plain returns the errors of an *os.File as those of a net.Conn.
func (f *rawForm) plain(n int, err error) (int, error) {
	if err != nil && f.closed.Load() {
		err = net.ErrClosed
	}
	return n, err
}

// A rawConn is the file of a rawForm with its deadlines and the errors of a
// net.Conn.
type rawConn struct {
	syscall.RawConn
	form *rawForm
}

func (c rawConn) Read(f func(fd uintptr) bool) error {
	err := c.RawConn.Read(f)
	for c.form.early(0, err) {
		err = c.RawConn.Read(f)
	}
	_, err = c.form.plain(0, err)
	return err
}

func (c rawConn) Write(f func(fd uintptr) bool) error {
	err := c.RawConn.Write(f)
	for c.form.early(1, err) {
		err = c.RawConn.Write(f)
	}
	_, err = c.form.plain(0, err)
	return err
}

// keepAlive has the kernel probe an idle peer, as often as package net does.
func (f *rawForm) keepAlive() {
	const seconds = 15
	unix.SetsockoptInt(f.fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	unix.SetsockoptInt(f.fd, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, seconds)
	unix.SetsockoptInt(f.fd, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, seconds)
}

// prompt has small writes leave at once. A connection that writes only once
// does not need it.
func (f *rawForm) prompt() {
	if !f.local && !f.brisk {
		f.brisk = true
		unix.SetsockoptInt(f.fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
}

func (f *rawForm) SetReadDeadline(t time.Time) error  { return f.setDeadline(0, t) }
func (f *rawForm) SetWriteDeadline(t time.Time) error { return f.setDeadline(1, t) }

// setDeadline keeps a deadline for the time when a call would block, since
// nobody waits before that. To put one off costs nothing either: the file has the
// earlier one until that has passed.
func (f *rawForm) setDeadline(which int, t time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd < 0 && f.file.Load() == nil {
		return net.ErrClosed
	}
	f.until[which] = t
	told := f.told[which]
	later := t.IsZero() || !told.IsZero() && !t.Before(told)
	if f.fd >= 0 || later && told != past {
		return nil
	}
	return f.tell(which, t)
}

// tell passes a deadline on to the file. The mutex is held.
func (f *rawForm) tell(which int, t time.Time) error {
	f.told[which] = t
	if which == 0 {
		return f.file.Load().SetReadDeadline(t)
	}
	return f.file.Load().SetWriteDeadline(t)
}

// early reports whether err comes from a deadline that has been put off since
// the file was told: then the call is to be made again.
func (f *rawForm) early(which int, err error) bool {
	if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.inTime(which) && f.tell(which, f.until[which]) == nil
}

// inTime reports whether a deadline has yet to pass. The mutex is held.
func (f *rawForm) inTime(which int) bool {
	t := f.until[which]
	return t.IsZero() || time.Now().Before(t)
}

// control calls do with the descriptor.
func (f *rawForm) control(do func(fd int) error) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fd >= 0 {
		return do(f.fd)
	}
	file := f.file.Load()
	if file == nil {
		return net.ErrClosed
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return err
	}
	if failed := raw.Control(func(fd uintptr) { err = do(int(fd)) }); failed != nil {
		return failed
	}
	return err
}

func (f *rawForm) CloseWrite() error {
	return f.control(func(fd int) error {
		return os.NewSyscallError("shutdown", unix.Shutdown(fd, unix.SHUT_WR))
	})
}

func (f *rawForm) cork() {
	if !f.local {
		f.control(corkSocket)
	}
}

func corkSocket(fd int) error { return unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_CORK, 1) }

func (f *rawForm) abort() {
	if !f.local {
		f.control(func(fd int) error {
			return unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
		})
	}
}

func (f *rawForm) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed.Store(true)
	if file := f.file.Load(); file != nil {
		return file.Close()
	}
	if f.fd < 0 {
		return net.ErrClosed
	}
	err := unix.Close(f.fd)
	f.fd = -1
	return os.NewSyscallError("close", err)
}

func (f *rawForm) RemoteAddr() net.Addr { return f.addr(unix.Getpeername) }
func (f *rawForm) LocalAddr() net.Addr  { return f.addr(unix.Getsockname) }

// addr asks for an address, which nobody has wanted before.
func (f *rawForm) addr(ask func(fd int) (unix.Sockaddr, error)) (addr net.Addr) {
	addr = &net.UnixAddr{Net: "unix"}
	f.control(func(fd int) error {
		found, err := ask(fd)
		switch a := found.(type) {
		case *unix.SockaddrInet4:
			addr = &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
		case *unix.SockaddrInet6:
			addr = &net.TCPAddr{IP: a.Addr[:], Port: a.Port}
		case *unix.SockaddrUnix:
			addr = &net.UnixAddr{Name: a.Name, Net: "unix"}
		}
		return err
	})
	return addr
}

// netConn duplicates the descriptor, since package net takes no other.
func (f *rawForm) netConn() (net.Conn, error) {
	f.mu.Lock()
	file, err := f.poll()
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return net.FileConn(file)
}

func (f *rawForm) syscallConn() (syscall.RawConn, error) {
	f.mu.Lock()
	file, err := f.poll()
	f.mu.Unlock()
	if err != nil {
		return nil, err
	}
	raw, err := file.SyscallConn()
	return rawConn{raw, f}, err
}

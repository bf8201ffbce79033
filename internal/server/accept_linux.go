package server

import (
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A rawListener accepts descriptors as long as there is somebody to accept.
type rawListener struct {
	raw   syscall.RawConn
	local bool
	until func(time.Time) error // SetDeadline
	leave func()                // has nobody connect any more, where that is not the close
}

// newRawListener returns nil for a listener whose Accept does more than accept.
func newRawListener(ln net.Listener) *rawListener {
	leave := func() {}
	if w, ok := ln.(interface {
		Unwrap() net.Listener
		Leave()
	}); ok {
		ln, leave = w.Unwrap(), w.Leave
	}
	var c interface {
		syscall.Conn
		SetDeadline(time.Time) error
	}
	_, local := ln.(*net.UnixListener)
	switch l := ln.(type) {
	case *net.TCPListener:
		c = l
	case *net.UnixListener:
		c = l
	default:
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	return &rawListener{raw, local, c.SetDeadline, leave}
}

// interrupt ends every call of the listener's Accept, also those to come.
func (l *rawListener) interrupt() error {
	l.leave()
	return l.until(past)
}

// accept returns nil when it would have to wait, which is for Accept to do:
// package net lets nobody else wait on a listener.
func (l *rawListener) accept() (form, error) {
	fd, failed := -1, error(nil)
	if err := l.raw.Control(func(listener uintptr) { fd, failed = accept4(int(listener)) }); err != nil {
		return nil, err
	}
	switch failed {
	case nil:
		return newRawForm(fd, l.local), nil
	case unix.EAGAIN:
		return nil, nil
	}
	return nil, os.NewSyscallError("accept4", failed)
}

// accept4 does not ask who connects: that is rarely wanted, and can be asked
// later.
func accept4(listener int) (int, error) {
	for {
		fd, _, errno := unix.Syscall6(unix.SYS_ACCEPT4, uintptr(listener), 0, 0, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
		switch errno {
		case 0:
			return int(fd), nil
		case unix.EINTR, unix.ECONNABORTED:
		default:
			return -1, errno
		}
	}
}

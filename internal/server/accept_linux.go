package server

import (
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// A rawListener accepts descriptors as long as there is somebody to accept.
type rawListener struct {
	raw   syscall.RawConn
	local bool
}

// newRawListener returns nil for a listener whose Accept does more than accept.
func newRawListener(ln net.Listener) *rawListener {
	if w, ok := ln.(interface{ Unwrap() net.Listener }); ok {
		ln = w.Unwrap()
	}
	var c syscall.Conn
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
	return &rawListener{raw, local}
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

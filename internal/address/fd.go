package address

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// Listening reports whether descriptor fd is a listening socket, which is how a FastCGI application is started (FastCGI 1.0, section 2.2).
// Where the system cannot say so, a socket without a peer is one, as the specification has it.
func Listening(fd int) bool {
	v, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	switch err {
	case nil:
		return v != 0
	case unix.EBADF, unix.ENOTSOCK:
		return false
	}
	_, err = unix.Getpeername(fd)
	return err == unix.ENOTCONN
}

func listenFD(fd int) (net.Listener, error) {
	if err := checkFD(fd); err != nil {
		return nil, err
	}
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return nil, fmt.Errorf("dup: %w", err)
	}
	f := os.NewFile(uintptr(own), "listening socket")
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, fmt.Errorf("the descriptor is a socket that cannot be listened on: %w", err)
	}
	if err := release(fd); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

func checkFD(fd int) error {
	kind, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	switch {
	case err == unix.EBADF:
		return fmt.Errorf("descriptor %d is not open: expected a listening socket", fd)
	case err == unix.ENOTSOCK:
		return fmt.Errorf("descriptor %d is no socket: expected a listening socket", fd)
	case err != nil:
		return fmt.Errorf("descriptor %d: %w", fd, err)
	case kind != unix.SOCK_STREAM:
		return fmt.Errorf("descriptor %d is no stream socket: expected a listening one", fd)
	case !Listening(fd):
		return fmt.Errorf("descriptor %d is a socket that does not listen: expected a listening one", fd)
	}
	return nil
}

// release gives up fd, so that no child inherits it and closing the listener really ends the listening.
// The standard descriptors stay open, on /dev/null: a file opened later must not become one of them.
func release(fd int) error {
	if fd > 2 {
		return unix.Close(fd)
	}
	null, err := unix.Open(os.DevNull, unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", os.DevNull, err)
	}
	defer unix.Close(null)
	return dup(null, fd)
}

package server

import (
	"errors"
	"io"
	"net"

	"golang.org/x/sys/unix"
)

// Gone tells, after a read has returned err, when the peer is gone: at once,
// but for the end of the stream on a unix socket, which may be the half close
// of a client that still reads. There it waits until the peer has closed
// wholly. The error of Interrupt is returned when the wait was interrupted.
func (c *Conn) Gone(err error) error {
	u, ok := c.nc.(*net.UnixConn)
	if !ok || err != io.EOF {
		return err
	}
	raw, rawErr := u.SyscallConn()
	if rawErr != nil {
		return rawErr
	}
	if rawErr = raw.Read(hungUp); rawErr != nil {
		return rawErr
	}
	return errHangup
}

var errHangup = errors.New("peer closed the connection")

func hungUp(fd uintptr) bool {
	list := []unix.PollFd{{Fd: int32(fd)}}
	n, err := unix.Poll(list, 0)
	return err == nil && n > 0 && list[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
}

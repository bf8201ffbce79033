package server

import "golang.org/x/sys/unix"

const hangupShows = true

func readable(fd int) bool {
	list := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(list, 0)
	return err == nil && n > 0
}

// hungUp looks whether the peer is gone.
func (c *Conn) hungUp(fd uintptr) bool {
	list := []unix.PollFd{{Fd: int32(fd)}}
	if !c.Unix() {
		list[0].Events = unix.POLLRDHUP
	}
	n, err := unix.Poll(list, 0)
	return err == nil && n > 0 && list[0].Revents != 0
}

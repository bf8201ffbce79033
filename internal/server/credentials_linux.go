package server

import (
	"os"

	"golang.org/x/sys/unix"
)

// socketCredentials asks who the peer of a unix socket was when it connected.
func socketCredentials(fd int) (uid, gid uint32, err error) {
	c, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, 0, os.NewSyscallError("getsockopt", err)
	}
	return c.Uid, c.Gid, nil
}

func (f *rawForm) credentials() (uid, gid uint32, err error) {
	err = f.control(func(fd int) (err error) {
		uid, gid, err = socketCredentials(fd)
		return err
	})
	return uid, gid, err
}

package cgi

import (
	"errors"
	"os"
	"syscall"
)

// seesHangup says that onHangup works.
const seesHangup = true

// onHangup calls gone when the other side of a pipe or socket has been closed, until stop is called, which waits for a call under way. What
// cannot be watched, such as a file, is not.
func onHangup(c syscall.Conn, gone func()) (stop func()) {
	poll, err := hangupPoll(c)
	if err != nil {
		return func() {}
	}
	ended := make(chan struct{})
	go func() {
		if waitReadable(poll) == nil {
			gone()
		}
		close(ended)
	}()
	return func() {
		poll.Close()
		<-ended
	}
}

// hangupPoll returns a descriptor that is readable once c has been closed on the other side. The runtime can wait for it without a thread, as it
// cannot for a standard stream, which is in blocking mode.
func hangupPoll(c syscall.Conn) (*os.File, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := watchHangup(fd, raw); err != nil {
		syscall.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), "hangup"), nil
}

// watchHangup makes the epoll descriptor readable on an error or a hang-up, which are reported without being asked for.
func watchHangup(epoll int, raw syscall.RawConn) error {
	var added error
	err := raw.Control(func(fd uintptr) {
		added = syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, int(fd), &syscall.EpollEvent{})
	})
	if err = errors.Join(err, added); err != nil {
		return err
	}
	return syscall.SetNonblock(epoll, true)
}

func waitReadable(poll *os.File) error {
	raw, err := poll.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Read(func(fd uintptr) bool {
		var events [1]syscall.EpollEvent
		n, err := syscall.EpollWait(int(fd), events[:], 0)
		return n > 0 && err == nil
	})
}

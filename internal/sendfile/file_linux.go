package sendfile

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// A file is a regular file that is open for reading.
type file struct {
	raw  syscall.RawConn
	size int64 // as a whole, in bytes; 0 also for those that the system makes up
}

// open returns nil for what is no regular file.
func open(src io.Reader) *file {
	c, ok := src.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return nil
	}
	var stat syscall.Stat_t
	var failed error
	err = raw.Control(func(fd uintptr) { failed = syscall.Fstat(int(fd), &stat) })
	if err != nil || failed != nil || stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		return nil
	}
	return &file{raw, stat.Size}
}

// send sends n bytes from the file's offset on, fewer only at its end or with
// an error. It waits for dst as a write would. The error is
// errors.ErrUnsupported when these two descriptors do not go together, or when
// a read or write tells better what is wrong.
func (f *file) send(dst syscall.RawConn, n int) (sent int, err error) {
	t := transfer{left: n}
	failed := f.raw.Read(func(in uintptr) bool {
		err = dst.Write(func(out uintptr) bool { return t.run(int(out), int(in)) })
		return true
	})
	sent = n - t.left
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return sent, err
	case failed != nil || err != nil:
		return sent, errors.ErrUnsupported
	}
	return sent, t.err
}

// A transfer is one piece on its way.
type transfer struct {
	left int
	err  error
}

// run returns false when out takes no more now.
func (t *transfer) run(out, in int) (done bool) {
	for t.left > 0 {
		n, err := syscall.Sendfile(out, in, nil, t.left)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			t.err = named(err)
			return true
		case n == 0:
			return true
		}
		t.left -= max(n, 0)
	}
	return true
}

// named tells what cannot go so, such as a file that is open for appending,
// from what went wrong.
func named(err error) error {
	switch err {
	case syscall.EINVAL, syscall.ENOSYS, syscall.EOPNOTSUPP, syscall.EPERM:
		return errors.ErrUnsupported
	}
	return os.NewSyscallError("sendfile", err)
}

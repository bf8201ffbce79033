package cgi

import (
	"os"
	"syscall"
)

// A stream is standard output or standard error. Unlike in an os.File, a write that nobody reads is an error, and not the end of the process.
type stream struct {
	*os.File
	fd int
}

func (s stream) Write(p []byte) (n int, err error) {
	for n < len(p) {
		m, err := syscall.Write(s.fd, p[n:])
		n += max(m, 0)
		switch err {
		case nil, syscall.EINTR:
		case syscall.EAGAIN: // somebody else made it non-blocking: the runtime knows how to wait
			m, err = s.File.Write(p[n:])
			return n + m, err
		default:
			return n, &os.PathError{Op: "write", Path: s.Name(), Err: err}
		}
	}
	return n, nil
}

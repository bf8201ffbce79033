package server

import (
	"io"
	"os"
	"syscall"
)

const lends = true

// A lentReader reads a socket into memory that it has only while there is
// something to read. One goroutine at a time uses it.
type lentReader struct {
	raw    syscall.RawConn
	try    func(fd uintptr) bool
	lender Lender
	n      int
	err    error
}

func (r *lentReader) read(l Lender) (int, error) {
	if r.try == nil {
		r.try = r.once
	}
	r.lender = l
	if err := r.raw.Read(r.try); err != nil {
		return 0, err
	}
	return r.n, r.err
}

// once reads once and reports whether that need not be tried again.
func (r *lentReader) once(fd uintptr) bool {
	n, err := syscall.Read(int(fd), r.lender.Lend())
	r.n, r.err = max(n, 0), nil
	if n <= 0 {
		r.lender.Return()
	}
	switch {
	case err == syscall.EAGAIN:
		r.lender.Waits()
		return false
	case err != nil && err != syscall.EINTR:
		r.err = os.NewSyscallError("read", err)
	case n == 0:
		r.err = io.EOF
	}
	return true
}

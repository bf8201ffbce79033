package server

import (
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/postern-go/postern/internal/race"
	"golang.org/x/sys/unix"
)

// A vectorReader reads a socket into more than one slice.
type vectorReader struct {
	try func(fd uintptr) bool
	v   [][]byte
	n   int
	err error
}

var vectorReaders = sync.Pool{New: func() any {
	r := new(vectorReader)
	r.try = r.once
	return r
}}

func readVector(raw syscall.RawConn, v [][]byte) (int, error) {
	r := vectorReaders.Get().(*vectorReader)
	defer vectorReaders.Put(r)
	r.v = v
	err := raw.Read(r.try)
	r.v = nil
	if err != nil {
		return 0, err
	}
	return r.n, r.err
}

// once reads once and reports whether that need not be tried again.
func (r *vectorReader) once(fd uintptr) bool {
	n, err := readv(int(fd), r.v)
	r.n, r.err = max(n, 0), nil
	switch {
	case err == unix.EAGAIN:
		return false
	case err == unix.EINTR:
		return r.once(fd)
	case err != nil:
		r.err = os.NewSyscallError("readv", err)
	case n == 0:
		r.err = io.EOF
	}
	return true
}

func readv(fd int, v [][]byte) (int, error) {
	n, err := unix.Readv(fd, v)
	if race.Enabled && err == nil {
		// This reads nothing. Unlike x/sys, it tells the race detector that what
		// a peer in the same process did before it wrote comes before this.
		syscall.Read(fd, nil)
	}
	return n, err
}

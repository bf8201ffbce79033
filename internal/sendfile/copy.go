package sendfile

import (
	"errors"
	"io"
	"sync"
	"syscall"
)

const (
	// piece is how much of a file, in bytes, goes between two calls of
	// Descriptor.
	piece = 256 << 10
	// least is the size of a file, in bytes, from which it is worth system
	// calls of its own: a smaller one leaves with what is buffered before it.
	least = 16 << 10
)

// A Target is where Copy copies to.
type Target interface {
	// Write takes what does not go by the descriptor. It may buffer it.
	io.Writer
	// Descriptor makes ready for at most 256 KiB of a file: it sends what is
	// buffered, sets what bounds the time, and returns where the bytes go. Nil
	// means that there is nothing but Write.
	Descriptor() (syscall.RawConn, error)
	// Fail says that what went by the descriptor ends with an error, which every
	// later write has to return.
	Fail(err error)
}

var buffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// Copy copies src to dst until io.EOF and returns how much it was. A regular
// file, or an *io.LimitedReader around one, goes by the descriptor; that is a
// syscall.Conn, since io.Copy wraps an *os.File. Afterwards its offset, and the
// limit, are where reading would have left them. What cannot go so goes by Write.
func Copy(dst Target, src io.Reader) (int64, error) {
	n, err := pass(dst, src)
	if err != nil {
		return n, err
	}
	m, err := rest(dst, src)
	return n + m, err
}

// pass sends src as far as the system does it.
func pass(dst Target, src io.Reader) (int64, error) {
	limit, limited := src.(*io.LimitedReader)
	if !limited {
		limit = &io.LimitedReader{R: src, N: 1<<63 - 1}
	}
	f := open(limit.R)
	if f == nil || min(f.size, limit.N) < least {
		return 0, nil
	}
	total := int64(0)
	for limit.N > 0 {
		out, err := dst.Descriptor()
		if out == nil || err != nil {
			return total, err
		}
		n, err := f.send(out, int(min(limit.N, piece)))
		total += int64(n)
		limit.N -= int64(n)
		switch {
		case errors.Is(err, errors.ErrUnsupported):
			return total, nil
		case err != nil:
			dst.Fail(err)
			return total, err
		case n == 0:
			return total, nil
		}
	}
	return total, nil
}

// rest copies through memory.
func rest(dst io.Writer, src io.Reader) (int64, error) {
	buf := buffers.Get().(*[32 << 10]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(writerOnly{dst}, readerOnly{src}, buf[:])
}

// They hide the other ways of a copy, which could lead back here.
type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)

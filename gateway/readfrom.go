package gateway

import (
	"io"
	"io/fs"
	"sync"
	"syscall"
)

// sniffed is how much of a body decides its type, in bytes.
const sniffed = 512

var copyBuffers = sync.Pool{New: func() any { return new([32 << 10]byte) }}

// ReadFrom copies src to the body until io.EOF. A file, or a part of one, goes
// by the exchange's own ReadFrom where it has one and the body needs no
// framing.
func (r *response) ReadFrom(src io.Reader) (int64, error) {
	x, ok := r.run.exchange.(Copier)
	if !ok || !isFile(src) {
		return r.copyFrom(src)
	}
	// The first bytes decide the type, and a source that cannot be read must
	// not cost the head.
	n, err := r.copyFrom(io.LimitReader(src, sniffed))
	if err != nil || n < sniffed {
		return n, err
	}
	m, done, err := r.passFrom(x, src)
	n += m
	if err != nil || done {
		return n, err
	}
	m, err = r.copyFrom(src)
	return n + m, err
}

// isFile reports whether src is a regular file, all of whose bytes are there. A
// pipe or a socket is copied as its bytes come, and Flush works meanwhile.
func isFile(src io.Reader) bool {
	if l, ok := src.(*io.LimitedReader); ok {
		src = l.R
	}
	f, ok := src.(interface {
		syscall.Conn
		Stat() (fs.FileInfo, error)
	})
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular()
}

func (r *response) copyFrom(src io.Reader) (int64, error) {
	buf := copyBuffers.Get().(*[32 << 10]byte)
	defer copyBuffers.Put(buf)
	return io.CopyBuffer(writerOnly{r}, readerOnly{src}, buf[:])
}

type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)

// passFrom lets the exchange copy. It is done with src unless the body needs
// framing, has none, or src has more than the declared length: then Write has
// to decide.
func (r *response) passFrom(x Copier, src io.Reader) (n int64, done bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.admit(0); err != nil {
		return 0, true, err
	}
	if r.head || r.bodiless || r.allows {
		return 0, false, nil
	}
	if err := r.emitBuffered(); err != nil {
		return 0, true, err
	}
	if r.chunked {
		return 0, false, nil
	}
	if r.length < 0 {
		n, err = x.ReadFrom(src)
		r.written += n
		done = true
	} else {
		n, err = r.passDeclared(x, src)
	}
	if err != nil {
		r.flush() // which tells a broken exchange from a file that cannot be read
	}
	return n, done || err != nil, err
}

// passDeclared lets the exchange copy up to the declared length. src stays
// where it is one file with one limit, as the exchange wants to see it.
func (r *response) passDeclared(x Copier, src io.Reader) (int64, error) {
	limited := &io.LimitedReader{R: src, N: r.length - r.written}
	outer, nested := src.(*io.LimitedReader)
	if nested {
		limited.R = outer.R
		limited.N = min(limited.N, outer.N)
	}
	n, err := x.ReadFrom(limited)
	r.written += n
	if nested {
		outer.N -= n
	}
	return n, err
}

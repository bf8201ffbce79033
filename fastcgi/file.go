package fastcgi

import (
	"errors"
	"io"
	"sync"
)

var fileBuffers = sync.Pool{New: func() any { return new([turn]byte) }}

// ReadFrom writes src to the STDOUT stream until io.EOF. Its bytes need the
// headers of records between them, so they pass through memory, as much at a
// time as one write takes.
func (q *request) ReadFrom(src io.Reader) (total int64, err error) {
	buf := fileBuffers.Get().(*[turn]byte)
	defer fileBuffers.Put(buf)
	for {
		n, ended := io.ReadFull(src, buf[:])
		m, err := q.Write(buf[:n])
		total += int64(m)
		switch {
		case err != nil:
			return total, err
		case ended == io.EOF || errors.Is(ended, io.ErrUnexpectedEOF):
			return total, nil
		case ended != nil:
			return total, ended
		}
	}
}

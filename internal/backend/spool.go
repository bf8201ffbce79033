package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// ErrTooLarge means that a request body of unknown length is larger than the limit.
var ErrTooLarge = errors.New("request body over the limit")

// DefaultSpool is the largest body of unknown length, in bytes, that is set aside when the caller does not care.
const DefaultSpool = 256 << 20

// spoolMemory is how much of a body is held in memory before there is a file.
const spoolMemory = 64 << 10

// A Spool is a request body that was read to its end to learn its length. Close frees it.
type Spool struct {
	io.Reader
	Size int64
	file *os.File
}

// NewSpool reads r to its end, at most limit bytes (0: DefaultSpool, negative: no limit). What does not fit 64 KiB goes to
// a file in os.TempDir that has no name. More than limit bytes are ErrTooLarge; errors of r are returned as they are.
func NewSpool(r io.Reader, limit int64) (*Spool, error) {
	if limit == 0 {
		limit = DefaultSpool
	}
	if limit > 0 {
		r = &limited{r, limit}
	}
	var memory bytes.Buffer
	n, err := io.CopyN(&memory, r, spoolMemory)
	if err == io.EOF {
		return &Spool{Reader: &memory, Size: n}, nil
	}
	if err != nil {
		return nil, err
	}
	return spoolFile(io.MultiReader(&memory, r))
}

func spoolFile(r io.Reader) (*Spool, error) {
	file, err := os.CreateTemp("", ".postern-body-*")
	if err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	s := &Spool{Reader: file, file: file}
	if err = os.Remove(file.Name()); err == nil {
		if s.Size, err = io.Copy(file, r); err == nil {
			_, err = file.Seek(0, io.SeekStart)
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return s, nil
}

// Close removes what was set aside.
func (s *Spool) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// limited is a reader that fails with ErrTooLarge instead of reading beyond left bytes.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.r.Read(p)
	if int64(n) > l.left {
		return 0, ErrTooLarge
	}
	l.left -= int64(n)
	return n, err
}

// Measure returns a copy of r whose body has a known length: NewSpool sets it aside. The body of r is closed, on an error too.
// When the context ends while the client still sends, the body is closed to end the wait.
func Measure(r *http.Request, limit int64) (*http.Request, error) {
	stop := context.AfterFunc(r.Context(), func() { r.Body.Close() })
	s, err := NewSpool(r.Body, limit)
	if stop() {
		r.Body.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("request body: %w", err)
	}
	out := *r
	out.Body, out.ContentLength, out.TransferEncoding = s, s.Size, nil
	return &out, nil
}

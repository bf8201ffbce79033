package env

import (
	"io"
	"iter"
)

// A FileWrapper gives out what a reader holds in blocks, or all at once by
// the fastest way there is (wsgiref.util.FileWrapper). Its methods must not be
// called by two goroutines at a time.
type FileWrapper struct {
	// Reader is where the bytes come from.
	Reader io.Reader
	// BlockSize is the largest number of bytes in a block; 0 and less mean 8192.
	BlockSize int

	err error // how Reader ended
}

const defaultBlockSize = 8192

// Blocks yields one block for each Read that returned bytes. A block is valid
// until the next one is asked for. A read error comes last, with a nil block;
// io.EOF is none. Whoever stops early may go on with the next block later;
// once Reader has ended it is not read again.
func (f *FileWrapper) Blocks() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		block := f.block()
		for f.err == nil {
			if n, _ := f.Read(block); n > 0 && !yield(block[:n], nil) {
				return
			}
		}
		if f.err != io.EOF {
			yield(nil, f.err)
		}
	}
}

// Read reads from Reader, until that has ended. It does not return without a
// byte or an error; io.ErrNoProgress says that Reader went on doing so.
func (f *FileWrapper) Read(p []byte) (n int, err error) {
	for try := 0; f.err == nil && n == 0 && len(p) > 0; try++ {
		if n, f.err = f.Reader.Read(p); n == 0 && f.err == nil && try == 100 {
			f.err = io.ErrNoProgress
		}
	}
	return n, f.err
}

// WriteTo writes the rest to w: by the ReadFrom of w or the WriteTo of Reader
// where there is one, so that a file can take the way of the kernel, otherwise
// block by block.
func (f *FileWrapper) WriteTo(w io.Writer) (n int64, err error) {
	switch f.err {
	case nil:
	case io.EOF:
		return 0, nil
	default:
		return 0, f.err
	}
	var block []byte
	if !direct(w, f.Reader) {
		block = f.block()
	}
	n, err = io.CopyBuffer(w, f.Reader, block)
	if err == nil {
		f.err = io.EOF
	}
	return n, err
}

// direct reports whether a copy needs no memory of its own.
func direct(w io.Writer, r io.Reader) bool {
	_, from := w.(io.ReaderFrom)
	_, to := r.(io.WriterTo)
	return from || to
}

// Close closes Reader if it can be closed, each time it is called.
func (f *FileWrapper) Close() error {
	if c, ok := f.Reader.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func (f *FileWrapper) block() []byte {
	if f.BlockSize > 0 {
		return make([]byte, f.BlockSize)
	}
	return make([]byte, defaultBlockSize)
}

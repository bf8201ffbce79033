package app

import "io"

// patternBlock holds whole periods of the pattern, so that every block begins at '0'.
var patternBlock = func() []byte {
	block := make([]byte, 32000)
	for i := range block {
		block[i] = byte('0' + i%10)
	}
	return block
}()

// pattern reads as n bytes of which byte i is '0'+i%10, beginning with byte offset.
type pattern struct {
	offset, n int64
}

// Pattern returns the body of /bytes?n=N.
func Pattern(n int64) io.Reader { return &pattern{n: n} }

func (p *pattern) Read(b []byte) (int, error) {
	if p.n == 0 {
		return 0, io.EOF
	}
	b = b[:min(int64(len(b)), p.n)]
	n := copy(b, patternBlock[p.offset%10:])
	p.offset += int64(n)
	p.n -= int64(n)
	return n, nil
}

// WriteTo writes without a buffer between.
func (p *pattern) WriteTo(w io.Writer) (written int64, err error) {
	for p.n > 0 {
		block := patternBlock[p.offset%10:]
		block = block[:min(int64(len(block)), p.n)]
		n, err := w.Write(block)
		written += int64(n)
		p.offset += int64(n)
		p.n -= int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

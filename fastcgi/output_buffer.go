package fastcgi

import "sync"

const (
	// outputBuffer is what a connection gathers, in bytes, before it writes.
	outputBuffer = 8 << 10
	// largeBuffer is what it gathers when a handler writes more than a little at
	// a time: copying a page is cheaper than to write it and its end apart.
	largeBuffer = 24 << 10
	// largeWrite is the size, in bytes, from which a handler's slice goes to a
	// large buffer, if it does.
	largeWrite = 4 << 10
	// directWrite is the size, in bytes, beyond which a handler's slice is
	// written without a copy.
	directWrite = 16 << 10
)

var (
	outputBuffers = sync.Pool{New: func() any { return new([outputBuffer]byte) }}
	largeBuffers  = sync.Pool{New: func() any { return new([largeBuffer]byte) }}
)

// enlarge makes room for n bytes and what may end a response in a large buffer.
// It returns false when they are not to be copied, since they are too many or
// there is enough to write with them.
func (o *output) enlarge(n int) bool {
	const ends = 64
	if n > directWrite || len(o.buf)+n+ends > largeBuffer {
		return false
	}
	if o.large == nil {
		large := largeBuffers.Get().(*[largeBuffer]byte)
		buf, open, ended := large[:copy(large[:], o.buf)], o.open, o.ended
		o.empty()
		o.large, o.buf, o.open, o.ended = large, buf, open, ended
	}
	return true
}

// size is how much the buffer holds, in bytes.
func (o *output) size() int {
	if o.large != nil {
		return largeBuffer
	}
	return outputBuffer
}

func (o *output) reserve() {
	if o.pool == nil && o.large == nil {
		o.pool = outputBuffers.Get().(*[outputBuffer]byte)
		o.buf = o.pool[:0]
	}
}

// empty forgets what has been written and gives the buffer back.
func (o *output) empty() {
	if o.pool != nil {
		outputBuffers.Put(o.pool)
	}
	if o.large != nil {
		largeBuffers.Put(o.large)
	}
	o.pool, o.large, o.buf, o.open, o.ended = nil, nil, nil, -1, false
}

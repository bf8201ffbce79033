package record

import (
	"encoding/binary"
	"fmt"
	"io"
)

// maxPairLen is the largest length of a name or a value: 31 bits (FastCGI 1.0, section 3.4).
const maxPairLen = 1<<31 - 1

// AppendPair appends a name-value pair (FastCGI 1.0, section 3.4): both lengths, each in one byte up to 127 and in four from there,
// then both byte strings, which may hold any byte. A length of 2 GiB or more panics.
func AppendPair(b []byte, name, value string) []byte {
	b = appendLen(b, len(name))
	b = appendLen(b, len(value))
	b = append(b, name...)
	return append(b, value...)
}

func appendLen(b []byte, n int) []byte {
	if n < 0x80 {
		return append(b, byte(n))
	}
	if uint64(n) > maxPairLen {
		panic("record: name or value of 2 GiB")
	}
	return binary.BigEndian.AppendUint32(b, uint32(n)|1<<31)
}

// PairLen returns how many bytes AppendPair appends.
func PairLen(name, value string) uint64 {
	n := uint64(len(name)) + uint64(len(value)) + 2
	if len(name) >= 0x80 {
		n += 3
	}
	if len(value) >= 0x80 {
		n += 3
	}
	return n
}

// ParsePair parses the name-value pair at the start of b and returns its parts and what follows, all of them parts of b.
// Both forms of a length are understood for every length. A pair that b does not hold whole is an error that wraps
// io.ErrUnexpectedEOF: in a stream that has ended it is malformed, before that it asks for more bytes.
func ParsePair(b []byte) (name, value, rest []byte, err error) {
	n, v, end, err := SplitPair(b)
	if err != nil {
		return nil, nil, b, err
	}
	return b[n:v:v], b[v:end:end], b[end:], nil
}

// SplitPair is ParsePair in offsets: the name is b[name:value], the value b[value:end].
func SplitPair(b []byte) (name, value, end int, err error) {
	if len(b) >= 2 && b[0]|b[1] < 0x80 {
		value = 2 + int(b[0])
		if end = value + int(b[1]); end <= len(b) {
			return 2, value, end, nil
		}
	}
	return splitLong(b)
}

// splitLong is SplitPair for pairs that are large or malformed.
func splitLong(b []byte) (name, value, end int, err error) {
	nameLen, used := parseLen(b)
	if used == 0 {
		return 0, 0, 0, shortLengths{}
	}
	valueLen, more := parseLen(b[used:])
	if more == 0 {
		return 0, 0, 0, shortLengths{}
	}
	name = used + more
	if uint64(nameLen)+uint64(valueLen) > uint64(len(b)-name) {
		return 0, 0, 0, fmt.Errorf("fastcgi: parameter with a name of %d and a value of %d bytes in %d bytes: %w",
			nameLen, valueLen, len(b)-name, io.ErrUnexpectedEOF)
	}
	value = name + int(nameLen)
	return name, value, value + int(valueLen), nil
}

// shortLengths is a type of its own so that it takes nothing to initialise.
type shortLengths struct{}

func (shortLengths) Error() string {
	return "fastcgi: parameter that ends in its lengths: unexpected EOF"
}

func (shortLengths) Unwrap() error { return io.ErrUnexpectedEOF }

// parseLen parses one length; used is 0 when b does not hold all of it.
func parseLen(b []byte) (n uint32, used int) {
	switch {
	case len(b) >= 1 && b[0] < 0x80:
		return uint32(b[0]), 1
	case len(b) >= 4:
		return binary.BigEndian.Uint32(b) &^ (1 << 31), 4
	}
	return 0, 0
}

package netstring

import (
	"fmt"
	"strconv"
)

// Append appends payload as a netstring: its length in decimal, ":", the bytes and ",".
func Append(b, payload []byte) []byte {
	b = strconv.AppendUint(b, uint64(len(payload)), 10)
	b = append(b, ':')
	b = append(b, payload...)
	return append(b, ',')
}

// ParseLen parses the length at the start of a netstring. It returns the length and how many bytes it took, ":" included;
// the payload and a "," follow, which the caller checks. With used 0 and no error, b ends before the ":" and more bytes are needed.
//
// Anything but digits, a leading zero (but for "0:") and a length above limit are errors, which are seen before the ":" arrives,
// so that a caller never holds more than the digits of limit. A negative limit is as 0.
func ParseLen(b []byte, limit int) (n, used int, err error) {
	most := uint64(max(limit, 0))
	var sum uint64
	for i, c := range b {
		switch {
		case c == ':' && i > 0:
			return int(sum), i + 1, nil
		case c < '0' || c > '9':
			return 0, 0, fmt.Errorf("scgi: byte %q in the length of a netstring", c)
		case i > 0 && sum == 0:
			return 0, 0, fmt.Errorf("scgi: netstring length with a leading zero: %q", b[:i+1])
		}
		digit := uint64(c - '0')
		if sum > most/10 || sum*10+digit > most {
			return 0, 0, fmt.Errorf("scgi: netstring length that begins %q, limit %d", b[:i+1], most)
		}
		sum = sum*10 + digit
	}
	return 0, 0, nil
}

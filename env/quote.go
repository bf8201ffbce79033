package env

import "strings"

// quote escapes every byte that is neither unreserved (RFC 3986, section 2.3)
// nor one of safe, as urllib.parse.quote of CPython does.
func quote(s, safe string) string {
	return escape(s, func(c byte) bool {
		return unreserved(c) || strings.IndexByte(safe, c) >= 0
	})
}

// escapeControls escapes the control characters of ASCII and nothing else.
func escapeControls(s string) string {
	return escape(s, func(c byte) bool { return c >= ' ' && c != 0x7f })
}

func unreserved(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte("-._~", c) >= 0
}

const upperHex = "0123456789ABCDEF"

func escape(s string, plain func(byte) bool) string {
	n := 0
	for i := range len(s) {
		if !plain(s[i]) {
			n++
		}
	}
	if n == 0 {
		return s
	}
	b := make([]byte, 0, len(s)+2*n)
	for i := range len(s) {
		if c := s[i]; plain(c) {
			b = append(b, c)
		} else {
			b = append(b, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(b)
}

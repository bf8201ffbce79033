package env

import "strings"

// hasToken reports whether one of the lists has the token, in any case (RFC
// 9110, section 5.6.1).
func hasToken(lists []string, token string) bool {
	for _, list := range lists {
		for item := range strings.SplitSeq(list, ",") {
			if equalFold(strings.Trim(item, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// equalFold compares with an ASCII text in any case. Letters of other scripts
// that fold to ASCII are longer, and differ by that.
func equalFold(s, ascii string) bool {
	return len(s) == len(ascii) && strings.EqualFold(s, ascii)
}

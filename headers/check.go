package headers

import (
	"errors"
	"fmt"
)

// The bytes of a token (RFC 9110, section 5.6.2), one bit for each: tokenLow
// has those below 64, tokenHigh the others.
const (
	tokenLow uint64 = 1<<'!' | 1<<'#' | 1<<'$' | 1<<'%' | 1<<'&' | 1<<'\'' |
		1<<'*' | 1<<'+' | 1<<'-' | 1<<'.' | (1<<10-1)<<'0'
	tokenHigh uint64 = (1<<26-1)<<('A'-64) | (1<<26-1)<<('a'-64) |
		1<<('^'-64) | 1<<('_'-64) | 1<<('`'-64) | 1<<('|'-64) | 1<<('~'-64)
)

// ValidName reports whether name can be the name of a field: a token of at
// least one byte (RFC 9110, section 5.1). It does not allocate.
func ValidName(name string) bool { return name != "" && badNameByte(name) < 0 }

// ValidValue reports whether value can be the value of a field: any bytes,
// also none at all, but no control character except the tab (RFC 9110, section
// 5.5). It does not allocate.
func ValidValue(value string) bool { return badValueByte(value) < 0 }

// CheckName returns nil when [ValidName] is true, otherwise an error that shows
// the first offending byte and its offset.
func CheckName(name string) error { return asError(nameFault("name", name)) }

// CheckValue returns nil when [ValidValue] is true, otherwise an error that
// shows the first offending byte and its offset. It does not show the value,
// which may be a secret.
func CheckValue(value string) error { return asError(valueFault("value", value)) }

func checkField(name, value string) error { return asError(fieldFault(name, value)) }

// A fault says in words what is wrong; it is "" when nothing is.
type fault string

func asError(f fault) error {
	if f == "" {
		return nil
	}
	return errors.New("headers: " + string(f))
}

// fieldFault says what is wrong with a field. It names the field but does not
// show its value.
func fieldFault(name, value string) fault {
	if f := nameFault("name", name); f != "" {
		return f
	}
	if ValidValue(value) {
		return ""
	}
	return valueFault(fmt.Sprintf("value of %.64q", name), value)
}

func nameFault(what, name string) fault {
	if name == "" {
		return fault(what + " is empty")
	}
	if i := badNameByte(name); i >= 0 {
		return byteFault(fmt.Sprintf("%s %.64q", what, name), name, i)
	}
	return ""
}

func valueFault(what, value string) fault {
	if i := badValueByte(value); i >= 0 {
		return byteFault(what, value, i)
	}
	return ""
}

func byteFault(what, s string, i int) fault {
	return fault(fmt.Sprintf("%s has byte %q at offset %d", what, s[i:i+1], i))
}

// badNameByte returns the offset of the first byte that is not part of a token, or -1.
func badNameByte(name string) int {
	for i := 0; i < len(name); i++ {
		if !isToken(name[i]) {
			return i
		}
	}
	return -1
}

// badValueByte returns the offset of the first control character but tab, or -1.
func badValueByte(value string) int {
	for i := 0; i < len(value); i++ {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f {
			return i
		}
	}
	return -1
}

// isToken reports whether c may be part of a token. A shift by 64 or more gives
// 0, and c-64 wraps around for a small c, so that at most one mask answers.
func isToken(c byte) bool { return (tokenLow>>c|tokenHigh>>(c-64))&1 != 0 }

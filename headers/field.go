package headers

// A Field is one line of a header block.
type Field struct {
	Name  string // as spelled by whoever set it
	Value string // without the line end
}

// is reports whether the field has this name, in any case.
func (f Field) is(name string) bool { return equalFold(f.Name, name) }

// equalFold compares names as RFC 9110, section 5.1, has it. Unlike
// strings.EqualFold it folds ASCII letters only: no name outside ASCII may
// pass for one inside it.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// lower maps A to Z to small letters and leaves every other byte alone.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

package validate

import (
	"iter"
	"strings"

	"github.com/postern-go/postern/headers"
)

// sameName compares the names of fields, in any spelling.
func sameName(a, b string) bool { return len(a) == len(b) && strings.EqualFold(a, b) }

// hasField reports whether a field of this name is there.
func hasField(fields []headers.Field, name string) bool {
	for i := range fields {
		if sameName(fields[i].Name, name) {
			return true
		}
	}
	return false
}

// fieldValue returns the first value of a name, or "".
func fieldValue(fields []headers.Field, name string) string {
	for i := range fields {
		if sameName(fields[i].Name, name) {
			return fields[i].Value
		}
	}
	return ""
}

// lists reports whether the fields of a name list the element, in any case.
func lists(fields []headers.Field, name, element string) bool {
	for _, f := range fields {
		if !sameName(f.Name, name) {
			continue
		}
		for e := range elements(f.Value) {
			if strings.EqualFold(e, element) {
				return true
			}
		}
	}
	return false
}

// elements yields the elements of a list, without white space and empty ones
// (RFC 9110, section 5.6.1).
func elements(list string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for e := range strings.SplitSeq(list, ",") {
			if e = strings.Trim(e, " \t"); e != "" && !yield(e) {
				return
			}
		}
	}
}

package validate

import (
	"strings"

	"github.com/postern-go/postern/env"
)

// checkNames is about the names of all variables, and NUL in their values.
func (x *exchange) checkNames(v *env.Vars) {
	for name, value := range v.Pairs() {
		if !variableName(name) {
			x.find("vars-name-malformed", name, "%q is %q.", name, guarded(name, value))
		}
		if strings.IndexByte(value, 0) >= 0 {
			x.find("vars-value-nul", name, "%s is %q.", name, guarded(name, value))
		}
	}
	if v.Len() > fewNames {
		x.checkManyTwins(v)
		return
	}
	x.checkTwins(v)
}

// fewNames is how many are compared each with each, which for so many is
// faster than a map.
const fewNames = 64

func variableName(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == '=' || c == 0x7f {
			return false
		}
	}
	return s != ""
}

func (x *exchange) checkTwins(v *env.Vars) {
	var room [fewNames]string
	names := room[:0]
	for name := range v.Pairs() {
		for _, other := range names {
			x.compareNames(v, other, name)
		}
		names = append(names, name)
	}
}

func (x *exchange) checkManyTwins(v *env.Vars) {
	spellings := make(map[string]string, v.Len())
	for name := range v.Pairs() {
		key := foldedName(name)
		if other, found := spellings[key]; found {
			x.compareNames(v, other, name)
		}
		spellings[key] = name
	}
}

func foldedName(name string) string {
	b := []byte(name)
	for i := range b {
		b[i] = folded(b[i])
	}
	return string(b)
}

func (x *exchange) compareNames(v *env.Vars, a, b string) {
	switch {
	case len(a) != len(b):
	case a == b:
		x.find("vars-repeated", a, "%s is %q.", shown(a), valuesOf(v, a))
	case strings.HasPrefix(a, "HTTP_") && strings.HasPrefix(b, "HTTP_") && sameVariable(a, b):
		x.find("vars-aliased", a, "%q is %q, and %q %q.", a, valuesOf(v, a), b, valuesOf(v, b))
	}
}

// valuesOf lists the values of a variable as they may be shown.
func valuesOf(v *env.Vars, name string) []string {
	var values []string
	for n, value := range v.Pairs() {
		if n == name {
			values = append(values, guarded(name, value))
		}
	}
	return values
}

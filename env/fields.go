package env

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// addFields adds HTTP_ variables in the order of the names.
func addFields(v *Vars, h http.Header) {
	odd := oddSpellings(h)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if reserved(http.CanonicalHeaderKey(name)) || odd[name] {
			continue
		}
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		v.Add(variableName(name), strings.Join(h[name], separator))
	}
}

// oddSpellings returns the names that must not get a variable, since it would
// pass for that of another field: X_User for that of X-User. A program sees
// "-" and "." as "_".
func oddSpellings(h http.Header) map[string]bool {
	var odd map[string]bool
	for name := range h {
		if strings.ContainsAny(name, "_.") {
			if odd == nil {
				odd = make(map[string]bool)
			}
			odd[name] = true
		}
	}
	if odd == nil {
		return nil
	}
	count := make(map[string]int, len(h))
	for name := range h {
		count[hyphens(name)]++
	}
	for name := range odd {
		folded := hyphens(name)
		odd[name] = count[folded] > 1 || reserved(folded)
	}
	return odd
}

func hyphens(name string) string {
	return http.CanonicalHeaderKey(strings.ReplaceAll(strings.ReplaceAll(name, "_", "-"), ".", "-"))
}

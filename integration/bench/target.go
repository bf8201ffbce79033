package main

import "fmt"

// A target is what a figure of Postern is to be at most: factor times that of
// another peer, or factor itself where there is none.
type target struct {
	figure figure
	factor float64
	peer   string
}

// A verdict is a target beside what was found.
type verdict struct {
	target
	found float64 // of Postern
	limit float64 // what it may be
	known bool    // both were measured
}

// met reports whether the target is met, to the precision that is printed.
func (v verdict) met() bool { return v.known && v.found <= v.limit*1.0005 }

// verdicts compares the first result of a row, which is Postern's, with the
// others.
func (r row) verdicts(results []result) []verdict {
	var all []verdict
	for _, t := range r.targets {
		v := verdict{target: t, limit: t.factor}
		v.found, v.known = results[0].median[t.figure]
		if t.peer != "" {
			v.known = false
			for _, other := range results {
				if other.peer == t.peer {
					var found bool
					v.limit, found = other.median[t.figure]
					v.limit *= t.factor
					_, own := results[0].median[t.figure]
					v.known = found && own
				}
			}
		}
		all = append(all, v)
	}
	return all
}

func (t target) String() string {
	if t.peer == "" {
		return "≤ " + text(t.factor)
	}
	return fmt.Sprintf("≤ %.3g × %s", t.factor, t.peer)
}

package spec

import (
	"fmt"
	"slices"
)

// A series is a letter and the number of its last id; the first is 1.
type series struct {
	letter string
	last   int
}

// everything is what SPEC.md has to speak of.
var everything = []series{
	{"U", 25}, // wsgiref.util
	{"H", 34}, // wsgiref.headers
	{"O", 25}, // wsgiref.simple_server, here origin
	{"V", 8},  // wsgiref.validate
	{"G", 54}, // wsgiref.handlers, here gateway
	{"F", 33}, // FastCGI 1.0
	{"S", 9},  // SCGI
	{"C", 28}, // RFC 3875, the script's side
	{"R", 31}, // RFC 3875, the server's side
	{"D", 48}, // defects of others
}

// idFaults returns a sentence for each id that is missing, unknown or there
// more than once.
func idFaults(all []row, wanted []series) []string {
	var faults []string
	first := map[string]int{}
	for _, r := range all {
		id := r.cells["id"]
		if line, seen := first[id]; seen {
			faults = append(faults, r.fault("there already, in line %d", line))
			continue
		}
		first[id] = r.line
	}
	for _, s := range wanted {
		for n := 1; n <= s.last; n++ {
			id := fmt.Sprintf("%s%d", s.letter, n)
			if _, found := first[id]; !found {
				faults = append(faults, "SPEC.md: no row "+id)
			}
			delete(first, id)
		}
	}
	var unknown []string
	for id, line := range first {
		unknown = append(unknown, fmt.Sprintf("SPEC.md:%d: unknown id %q", line, id))
	}
	slices.Sort(unknown)
	return append(faults, unknown...)
}

package httpbin

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/validate"
)

// A fact is a finding in so far as it is the same in every run: the application, the rule, the variable or field, the place.
type fact [4]string

// TestChecked runs the applications under the checker, at its strict level, over net/http.Server and over every front end. What it finds is
// what testdata/findings.tsv lists, row by row, and nothing among it is an error of a server.
func TestChecked(t *testing.T) {
	var mu sync.Mutex
	seen := map[fact][]string{} // the fronts that it came through
	ways := append([]front{{"net/http", startPlain}}, fronts()...)
	t.Run("fronts", func(t *testing.T) {
		for _, f := range ways {
			for _, s := range subjects() {
				t.Run(f.name+", "+s.name, func(t *testing.T) {
					t.Parallel()
					for _, found := range check(t, f, s) {
						mu.Lock()
						key := fact{s.name, found.Rule.ID, found.Subject, stable(found.Place)}
						seen[key] = append(seen[key], f.name)
						mu.Unlock()
					}
				})
			}
		}
	})
	got := map[fact]string{}
	for key, names := range seen {
		got[key] = listed(names, ways)
	}
	want := readFindings(t)
	for key, names := range got {
		if want[key] != names {
			t.Errorf("found over %s, listed over %q: %q", names, want[key], key)
		}
	}
	for key, names := range want {
		if got[key] == "" {
			t.Errorf("never found, take it out: %q over %s", key, names)
		}
	}
}

func startPlain(t *testing.T, a *app) string { return startNetHTTP(t, a) }

// check returns what the checker finds while the requests are answered. No front is to make an error of those that show.
func check(t *testing.T, f front, s subject) []validate.Finding {
	t.Helper()
	a, found := checkedApp(t, s.name)
	address := f.start(t, a)
	for _, r := range s.requests() {
		ask(t, address, r)
	}
	a.pending.Wait()
	all := found.all(t)
	for _, one := range all {
		if one.Rule.Side == validate.Server && one.Rule.Severity == validate.Error {
			t.Errorf("%s\n%s", one, one.Request)
		}
	}
	return all
}

// standardLine is a line of the standard library, which is another one with another version of Go.
var standardLine = regexp.MustCompile(`^((?:fmt|http|io)/\w+\.go):\d+$`)

func stable(place string) string { return standardLine.ReplaceAllString(place, "$1") }

// listed names the fronts once each and in order, or says "all".
func listed(names []string, ways []front) string {
	var list []string
	for _, f := range ways {
		if slices.Contains(names, f.name) {
			list = append(list, f.name)
		}
	}
	if len(list) == len(ways) {
		return "all"
	}
	return strings.Join(list, ", ")
}

// readFindings reads the table. A row has a reason, and one or more places.
func readFindings(t *testing.T) map[fact]string {
	t.Helper()
	text, err := os.ReadFile("testdata/findings.tsv")
	require.NoError(t, err)
	rows := map[fact]string{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, cells, 6, line)
		require.NotEmpty(t, cells[5], "a reason: %s", line)
		for place := range strings.SplitSeq(cells[4], ", ") {
			key := fact{cells[0], cells[1], unescape.Replace(cells[2]), place}
			require.NotContains(t, rows, key)
			rows[key] = cells[3]
		}
	}
	require.NotEmpty(t, rows)
	return rows
}

var unescape = strings.NewReplacer(`\r`, "\r", `\n`, "\n")

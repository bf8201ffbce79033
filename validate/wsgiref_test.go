package validate_test

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// TestWsgiref keeps the map of wsgiref.validate to rules true: each of its
// checks has rules that there are, or a reason why not.
func TestWsgiref(t *testing.T) {
	var ids []string
	for _, r := range validate.Rules() {
		ids = append(ids, r.ID)
	}
	f, err := os.Open("testdata/wsgiref.tsv")
	require.NoError(t, err)
	defer f.Close()
	rows := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		rows++
		cells := strings.Split(lines.Text(), "\t")
		require.Len(t, cells, 4, lines.Text())
		require.NotEmpty(t, cells[0])
		require.NotEmpty(t, cells[1])
		if cells[2] == "-" {
			require.NotEmpty(t, cells[3], "neither a rule nor a reason: %s", cells[1])
			continue
		}
		require.Empty(t, cells[3], cells[1])
		for id := range strings.SplitSeq(cells[2], ", ") {
			require.True(t, slices.Contains(ids, id), "no rule %q", id)
		}
	}
	require.NotZero(t, rows)
}

package validate_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/validate"
	"github.com/stretchr/testify/require"
)

// TestWsgiref holds the table in SPEC.md to what wsgiref.validate asserts, in its order: each row has rules that there are, or a reason
// why none does, or both where the rules check less.
func TestWsgiref(t *testing.T) {
	var ids []string
	for _, r := range validate.Rules() {
		ids = append(ids, r.ID)
	}
	source, err := os.ReadFile("testdata/wsgiref.tsv")
	require.NoError(t, err)
	assertions := strings.Split(strings.TrimSuffix(string(source), "\n"), "\n")
	require.NotEmpty(t, assertions)
	rows := wsgirefRows(t)
	var stated []string
	for _, cells := range rows {
		require.Len(t, cells, 5, "%q", cells)
		stated = append(stated, strings.ReplaceAll(cells[0], `\_`, "_")+"\t"+strings.Trim(cells[1], "`"))
		require.NotEmpty(t, cells[2], "%q", cells)
		require.NotEmpty(t, cells[3]+cells[4], "rules or a reason: %q", cells)
		for id := range strings.SplitSeq(cells[3], ", ") {
			require.True(t, id == "" || slices.Contains(ids, strings.Trim(id, "`")), "no rule %q", id)
		}
	}
	require.Equal(t, assertions, stated)
}

// wsgirefRows returns the cells of the rows of the table.
func wsgirefRows(t *testing.T) [][]string {
	text, err := os.ReadFile("../SPEC.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(text), "| function | condition | meaning | rules | reason |\n|---|---|---|---|---|\n")
	require.True(t, found)
	table, _, _ = strings.Cut(table, "\n\n")
	var rows [][]string
	for line := range strings.SplitSeq(table, "\n") {
		rows = append(rows, strings.Split(strings.TrimSuffix(strings.TrimPrefix(line, "| "), " |"), " | "))
	}
	return rows
}

package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDocumentation compares the tables of README.md with those that the tests go by.
func TestDocumentation(t *testing.T) {
	require.Equal(t, deviationTable(), documented(t, "| gate | what does not hold | why |"))
	require.Equal(t, differenceTable(), documented(t, "| what | protocol | why |"))
	require.Equal(t, streamingTable(), documented(t, "| web server | file | what it has to say |"))
	configurations := documented(t, "| file | web server | program |")
	entries, err := os.ReadDir("conf")
	require.NoError(t, err)
	for _, entry := range entries {
		if !entry.IsDir() {
			require.Contains(t, configurations, "(conf/"+entry.Name()+")")
		}
	}
}

func deviationTable() string {
	var table strings.Builder
	for _, d := range deviations() {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", d.gate, d.why, d.reason)
	}
	return table.String()
}

func differenceTable() string {
	var table strings.Builder
	for _, d := range differences() {
		protocol := d.protocol
		if protocol == "" {
			protocol = "all"
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", d.field, protocol, d.reason)
	}
	return table.String()
}

func streamingTable() string {
	var table strings.Builder
	for _, s := range streamings() {
		setting := "nothing more"
		if s.setting != "" {
			setting = "`" + s.setting + "`"
		}
		fmt.Fprintf(&table, "| %s | %s | %s |\n", s.server, s.conf, setting)
	}
	return table.String()
}

// documented returns the rows of the table with a certain head.
func documented(t *testing.T, head string) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), head+"\n|---|---|---|\n")
	require.True(t, found, "no table %s", head)
	table, _, _ := strings.Cut(rest, "\n\n")
	return strings.TrimSuffix(table, "\n") + "\n"
}

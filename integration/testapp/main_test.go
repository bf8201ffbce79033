package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	for _, row := range []struct {
		why  string
		args []string
		want options
	}{
		{"no arguments serve what the process was started with", nil, options{listen: "auto"}},
		{"an address is taken as it stands", []string{"--listen", "scgi://127.0.0.1:4000"}, options{listen: "scgi://127.0.0.1:4000"}},
		{"a file for the address opened", []string{"--listen=cgi:", "--ready", "f"}, options{listen: "cgi:", ready: "f"}},
	} {
		got, err := parse(row.args, new(strings.Builder))
		require.NoError(t, err, row.why)
		require.Equal(t, row.want, got, row.why)
	}
}

func TestUsage(t *testing.T) {
	for _, row := range []struct {
		why  string
		args []string
		says string
	}{
		{"an argument that is no flag", []string{"more"}, `testapp: unexpected argument "more"`},
		{"a flag that does not exist", []string{"--nothing"}, "flag provided but not defined: -nothing"},
	} {
		stderr := new(strings.Builder)
		require.Equal(t, exitUsage, run(row.args, false, stderr), row.why)
		require.Contains(t, stderr.String(), row.says, row.why)
	}
}

func TestAddressThatIsNone(t *testing.T) {
	stderr := new(strings.Builder)
	require.Equal(t, exitFailure, run([]string{"--listen", "nonsense"}, false, stderr))
	require.Contains(t, stderr.String(), `"nonsense"`)
}

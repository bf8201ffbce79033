package backend

import (
	"bytes"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLines(t *testing.T) {
	for _, row := range []struct {
		why   string
		parts []string
		want  []string
	}{
		{"one line", []string{"hello\n"}, []string{"hello"}},
		{"a line in parts", []string{"hel", "lo", "\n"}, []string{"hello"}},
		{"two lines in one part", []string{"a\nb\n"}, []string{"a", "b"}},
		{"CR LF", []string{"a\r\nb\r\n"}, []string{"a", "b"}},
		{"empty lines are left out", []string{"\n\na\n\n"}, []string{"a"}},
		{"a last line without an end", []string{"a\nb"}, []string{"a", "b"}},
		{"a long line in parts", []string{strings.Repeat("x", lineMax+1) + "\n"}, []string{strings.Repeat("x", lineMax), "x"}},
		{"nothing", nil, nil},
	} {
		var buf bytes.Buffer
		lines := &Lines{Log: slog.New(slog.NewTextHandler(&buf, nil)), Message: "stderr", Attrs: []any{"uri", "/x"}}
		for _, part := range row.parts {
			n, err := io.WriteString(lines, part)
			require.NoError(t, err, row.why)
			require.Equal(t, len(part), n, row.why)
		}
		require.NoError(t, lines.Close(), row.why)
		var got []string
		for line := range strings.Lines(buf.String()) {
			require.Contains(t, line, "level=ERROR msg=stderr line=", row.why)
			got = append(got, strings.TrimSuffix(strings.SplitAfter(line, "line=")[1], " uri=/x\n"))
		}
		require.Equal(t, row.want, got, row.why)
	}
}

func TestLinesCannotForgeRecords(t *testing.T) {
	var buf bytes.Buffer
	lines := &Lines{Log: slog.New(slog.NewTextHandler(&buf, nil)), Message: "stderr"}
	io.WriteString(lines, "a\x1b[2J\rb level=INFO\n")
	require.Contains(t, buf.String(), `line="a\x1b[2J\rb level=INFO"`, "control characters are escaped")
	require.Equal(t, 1, strings.Count(buf.String(), "\n"))
}

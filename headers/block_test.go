package headers_test

import (
	"io"
	"strings"
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// TestBlock reads a block and writes it again.
func TestBlock(t *testing.T) {
	for _, row := range []struct {
		why, block string
		fields     headers.Headers
		written    string // the block again when ""
	}{
		{why: "an empty line is an empty list", block: "\r\n", fields: list{}},
		{why: "order, spelling and repeats are kept", block: "b: 1\r\nA: 2\r\nB: 3\r\n\r\n",
			fields: list{{"b", "1"}, {"A", "2"}, {"B", "3"}}},
		{why: "a value may be empty", block: "A: \r\n\r\n", fields: list{{"A", ""}}},
		{why: "a value may hold colons", block: "Location: http://[::1]:80/\r\n\r\n",
			fields: list{{"Location", "http://[::1]:80/"}}},
		{why: "a value may hold spaces and tabs", block: "A: x \ty\r\n\r\n", fields: list{{"A", "x \ty"}}},
		{why: "bytes outside ASCII are kept", block: "A: \xe9\xff\x80\r\n\r\n", fields: list{{"A", "\xe9\xff\x80"}}},
		{why: "LF ends a line", block: "A: 1\nB: 2\n\n", fields: list{{"A", "1"}, {"B", "2"}},
			written: "A: 1\r\nB: 2\r\n\r\n"},
		{why: "line ends may differ", block: "A: 1\nB: 2\r\n\n", fields: list{{"A", "1"}, {"B", "2"}},
			written: "A: 1\r\nB: 2\r\n\r\n"},
		{why: "no space is needed", block: "A:1\r\n\r\n", fields: list{{"A", "1"}}, written: "A: 1\r\n\r\n"},
		{why: "spaces around a value are not part of it", block: "A: \t 1 \t\r\n\r\n", fields: list{{"A", "1"}},
			written: "A: 1\r\n\r\n"},
		{why: "a value of spaces is empty", block: "A:   \r\n\r\n", fields: list{{"A", ""}}, written: "A: \r\n\r\n"},
		{why: "many fields", block: strings.Repeat("A: 1\r\n", 500) + "\r\n", fields: repeat(500)},
	} {
		t.Run(row.why, func(t *testing.T) {
			h, err := headers.Parse([]byte(row.block))
			require.NoError(t, err)
			require.Equal(t, row.fields, h)
			if row.written == "" {
				row.written = row.block
			}
			require.Equal(t, "before "+row.written, string(h.AppendTo([]byte("before "))))
			require.Equal(t, row.written, h.String())
		})
	}
}

func repeat(n int) headers.Headers {
	h := make(headers.Headers, n)
	for i := range h {
		h[i] = headers.Field{Name: "A", Value: "1"}
	}
	return h
}

func TestParseRefuses(t *testing.T) {
	for _, row := range []struct{ why, block, err string }{
		{"a line without a colon", "A: 1\r\nnonsense\r\n\r\n", `headers: line 2: no colon in "nonsense"`},
		{"a start line", "HTTP/1.1 200 OK\r\nA: 1\r\n\r\n", `headers: line 1: no colon in "HTTP/1.1 200 OK"`},
		{"a folded line", "A: 1\r\n 2\r\n\r\n", "headers: line 2: folded line"},
		{"a line folded with a tab", "A: 1\r\n\tB: 2\r\n\r\n", "headers: line 2: folded line"},
		{"a line of spaces", "A: 1\r\n  \r\n\r\n", "headers: line 2: folded line"},
		{"a block that begins folded", " A: 1\r\n\r\n", "headers: line 1: folded line"},
		{"a space before the colon", "A : 1\r\n\r\n", `headers: line 1: name "A " has byte " " at offset 1`},
		{"a line without a name", ": 1\r\n\r\n", "headers: line 1: name is empty"},
		{"a bare CR in a value", "A: 1\rB: 2\r\n\r\n", `headers: line 1: value of "A" has byte "\r" at offset 1`},
		{"two CR before LF", "A: 1\r\r\n\r\n", `headers: line 1: value of "A" has byte "\r" at offset 1`},
		{"two CR on the empty line", "\r\r\n", `headers: line 1: no colon in "\r"`},
		{"a bare CR in a name", "A\rB: 2\r\n\r\n", `headers: line 1: name "A\rB" has byte "\r" at offset 1`},
		{"NUL in a value", "A: x\x00y\r\n\r\n", `headers: line 1: value of "A" has byte "\x00" at offset 1`},
		{"bytes after the empty line", "A: 1\r\n\r\nbody", "headers: line 2: bytes after the empty line"},
		{"two empty lines", "\r\n\r\n", "headers: line 1: bytes after the empty line"},
	} {
		t.Run(row.why, func(t *testing.T) {
			h, err := headers.Parse([]byte(row.block))
			require.EqualError(t, err, row.err)
			require.Nil(t, h)
		})
	}
}

// TestParseCutShort cuts a good block at every byte.
func TestParseCutShort(t *testing.T) {
	const block = "A: 1\r\nB: 2\r\n\r\n"
	for n := range len(block) {
		h, err := headers.Parse([]byte(block[:n]))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%q", block[:n])
		require.Nil(t, h)
	}
}

func TestParseKeepsNothingOfItsArgument(t *testing.T) {
	block := []byte("Name: value\r\n\r\n")
	h, err := headers.Parse(block)
	require.NoError(t, err)
	clear(block)
	require.Equal(t, list{{"Name", "value"}}, h)
}

// TestAppendToLeavesOut is about lists that were filled past the checks.
func TestAppendToLeavesOut(t *testing.T) {
	h := list{{"A", "1"}, {"B\r\nX", "2"}, {"C", "3\r\n\r\n<html>"}, {"", "4"}, {"D", "5"}}
	require.Equal(t, "A: 1\r\nD: 5\r\n\r\n", h.String())
	require.Error(t, h.Check())
}

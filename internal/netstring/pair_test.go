package netstring

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPair(t *testing.T) {
	for _, row := range []struct{ why, name, value, wire string }{
		{"a header", "SCGI", "1", "SCGI\x001\x00"},
		{"an empty value", "CONTENT_TYPE", "", "CONTENT_TYPE\x00\x00"},
		{"any byte but NUL", "X", "\r\n=\xff", "X\x00\r\n=\xff\x00"},
	} {
		require.NoError(t, CheckPair(row.name, row.value), row.why)
		require.Equal(t, row.wire, string(AppendPair(nil, row.name, row.value)), row.why)
		name, value, rest, err := ParsePair([]byte(row.wire + "rest"))
		require.NoError(t, err, row.why)
		require.Equal(t, []string{row.name, row.value, "rest"}, []string{string(name), string(value), string(rest)}, row.why)
	}
}

func TestPairThatCannotBeSent(t *testing.T) {
	for _, row := range []struct{ why, name, value, want string }{
		{"no name", "", "v", `scgi: header without a name, value "v"`},
		{"NUL in the name", "A\x00B", "v", `scgi: NUL in the header name "A\x00B"`},
		{"NUL in the value would begin another header", "A", "1\x00HTTPS\x00on", `scgi: NUL in the value of A: "1\x00HTTPS\x00on"`},
	} {
		require.EqualError(t, CheckPair(row.name, row.value), row.want, row.why)
		require.Panics(t, func() { AppendPair(nil, row.name, row.value) }, row.why)
	}
}

func TestPairErrors(t *testing.T) {
	for _, row := range []struct{ why, wire, want string }{
		{"nothing", "", "header name without an end"},
		{"a name that does not end", "NAME", `header name without an end: "NAME"`},
		{"an odd number of strings", "NAME\x00", `value of "NAME" without an end`},
		{"a value that does not end", "NAME\x00value", `value of "NAME" without an end`},
	} {
		_, _, rest, err := ParsePair([]byte(row.wire))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, row.why)
		require.ErrorContains(t, err, "scgi: "+row.want, row.why)
		require.Equal(t, row.wire, string(rest), row.why)
	}
	_, _, _, err := ParsePair([]byte("\x00value\x00"))
	require.EqualError(t, err, `scgi: header without a name: "\x00value\x00"`, "a name has at least one byte")
}

func TestParseAllocatesNothing(t *testing.T) {
	wire := Append(nil, AppendPair(AppendPair(nil, "CONTENT_LENGTH", "0"), "SCGI", "1"))
	require.Zero(t, testing.AllocsPerRun(100, func() {
		n, used, err := ParseLen(wire, 100)
		if err != nil {
			panic(err)
		}
		for block := wire[used : used+n]; len(block) > 0; {
			if _, _, block, err = ParsePair(block); err != nil {
				panic(err)
			}
		}
	}))
}

func FuzzPair(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		name, value, rest, err := ParsePair(b)
		if err != nil {
			return
		}
		wire := AppendPair(nil, string(name), string(value))
		require.True(t, bytes.Equal(b, append(wire, rest...)), "a parsed header is written as it was")
	})
}

package record

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPair(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	for _, row := range []struct {
		why         string
		lengths     string
		name, value string
	}{
		{"both lengths in one byte", "\x03\x02", "abc", "de"},
		{"an empty value", "\x03\x00", "abc", ""},
		{"an empty name: the codec does not judge", "\x00\x02", "", "de"},
		{"nothing at all is two bytes", "\x00\x00", "", ""},
		{"127 is the last length of one byte", "\x7f\x7f", long(127), long(127)},
		{"128 is the first of four", "\x80\x00\x00\x80\x80\x00\x00\x80", long(128), long(128)},
		{"a short name and a long value", "\x01\x80\x00\x00\x80", "n", long(128)},
		{"a long name and a short value", "\x80\x00\x00\x80\x01", long(128), "v"},
		{"a value as large as a record", "\x01\x80\x00\xff\xff", "n", long(65535)},
		{"a value that no record holds", "\x01\x80\x01\x00\x00", "n", long(65536)},
		{"any byte in a value", "\x01\x05", "n", "\x00\r\n\x80\xff"},
	} {
		wire := row.lengths + row.name + row.value
		require.Equal(t, wire, string(AppendPair(nil, row.name, row.value)), row.why)
		require.Equal(t, uint64(len(wire)), PairLen(row.name, row.value), row.why)
		name, value, rest, err := ParsePair([]byte(wire + "rest"))
		require.NoError(t, err, row.why)
		require.Equal(t, []string{row.name, row.value, "rest"}, []string{string(name), string(value), string(rest)}, row.why)
	}
}

func TestPairLongFormOfShortLength(t *testing.T) {
	name, value, rest, err := ParsePair([]byte("\x80\x00\x00\x01\x80\x00\x00\x02abbrest"))
	require.NoError(t, err, "section 3.4 says that a short length can, not must, take one byte")
	require.Equal(t, "a bb rest", string(name)+" "+string(value)+" "+string(rest))
}

func TestPairPartsCannotGrowIntoEachOther(t *testing.T) {
	name, value, rest, err := ParsePair([]byte("\x01\x01abrest"))
	require.NoError(t, err)
	_, _ = append(name, 'X'), append(value, 'X')
	require.Equal(t, "brest", string(value)+string(rest), "an append to one part leaves the next alone")
}

func TestPairCutShort(t *testing.T) {
	whole := AppendPair(nil, strings.Repeat("n", 130), strings.Repeat("v", 200))
	for n := range whole {
		_, _, rest, err := ParsePair(whole[:n])
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "%d of %d bytes are not the pair", n, len(whole))
		require.Len(t, rest, n, "nothing is used up")
	}
}

func TestPairLengthsThatLie(t *testing.T) {
	for _, row := range []struct{ why, wire string }{
		{"CVE-2025-23016: the sum of two largest lengths overflows 32 bits", "\xff\xff\xff\xff\xff\xff\xff\xffab"},
		{"a name of 0x7fffffff bytes", "\xff\xff\xff\xff\x00ab"},
		{"a value of 0x7fffffff bytes", "\x01\xff\xff\xff\xffab"},
		{"a sum of 2^31, negative in 32 bits", "\xc0\x00\x00\x00\xc0\x00\x00\x00ab"},
		{"a sum of 2^31-1 and a little", "\xff\xff\xff\xff\x03abc"},
		{"one byte too few", "\x01\x02ab"},
		{"lengths only", "\x05\x05"},
		{"the second length is cut", "\x05\x80\x00"},
		{"no byte", ""},
	} {
		_, _, rest, err := ParsePair([]byte(row.wire))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, row.why)
		require.Equal(t, row.wire, string(rest), row.why)
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	pair := AppendPair(nil, "QUERY_STRING", strings.Repeat("v", 300))
	rec := AppendRecord(nil, Params, 1, pair)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		if h, err := ParseHeader(rec); err != nil || h.Content != uint16(len(pair)) {
			panic("header")
		}
		if _, value, _, err := ParsePair(rec[HeaderLen:]); err != nil || len(value) != 300 {
			panic("pair")
		}
	}))
}

func FuzzPair(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		name, value, rest, err := ParsePair(b)
		if err != nil {
			require.ErrorIs(t, err, io.ErrUnexpectedEOF, "the one thing that can be wrong with a pair")
			return
		}
		require.True(t, bytes.HasSuffix(b, append(bytes.Clone(name), append(bytes.Clone(value), rest...)...)), "parts lie in the input, in order")
		wire := AppendPair(nil, string(name), string(value))
		used := b[:len(b)-len(rest)]
		if len(wire) == len(used) {
			require.Equal(t, used, wire, "a pair in the shortest form is written as it was")
		} else {
			require.Less(t, len(wire), len(used), "the other forms become shorter")
		}
		n, v, r, err := ParsePair(wire)
		require.NoError(t, err)
		require.Empty(t, r)
		require.True(t, bytes.Equal(n, name) && bytes.Equal(v, value), "what was written reads the same")
	})
}

package netstring

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAppend(t *testing.T) {
	for _, row := range []struct{ why, payload, wire string }{
		{"nothing is written 0:,", "", "0:,"},
		{"no leading zeros", "hello world!", "12:hello world!,"},
		{"any byte is payload", "\x00:,\xff", "4:\x00:,\xff,"},
	} {
		wire := Append(nil, []byte(row.payload))
		require.Equal(t, row.wire, string(wire), row.why)
		n, used, err := ParseLen(wire, 1<<16)
		require.NoError(t, err, row.why)
		require.Equal(t, row.payload, string(wire[used:used+n]), row.why)
		require.Equal(t, byte(','), wire[used+n], row.why)
	}
	require.Equal(t, "x2:ab,", string(Append([]byte("x"), []byte("ab"))), "it appends")
}

func TestParseLen(t *testing.T) {
	for _, row := range []struct {
		why     string
		wire    string
		limit   int
		n, used int
	}{
		{"a length and its payload", "70:CONTENT", 100, 70, 3},
		{"zero", "0:,", 100, 0, 2},
		{"zero where nothing more is allowed", "0:,", 0, 0, 2},
		{"exactly the limit", "100:", 100, 100, 4},
		{"no byte yet", "", 100, 0, 0},
		{"digits, the colon is to come", "10", 100, 0, 0},
		{"a zero, the colon is to come", "0", 100, 0, 0},
		{"the largest length there is", "2147483647:", math.MaxInt32, math.MaxInt32, 11},
	} {
		n, used, err := ParseLen([]byte(row.wire), row.limit)
		require.NoError(t, err, row.why)
		require.Equal(t, []int{row.n, row.used}, []int{n, used}, row.why)
	}
}

func TestParseLenErrors(t *testing.T) {
	for _, row := range []struct {
		why   string
		wire  string
		limit int
		want  string
	}{
		{"a colon without digits", ":", 100, `byte ':'`},
		{"a sign is no digit", "+5:", 100, `byte '+'`},
		{"nor is a minus", "-1:", 100, `byte '-'`},
		{"nor a space", " 5:", 100, `byte ' '`},
		{"nor a letter", "0x10:", 100, `byte 'x'`},
		{"an HTTP request", "GET / HTTP/1.1\r\n", 100, `byte 'G'`},
		{"a leading zero", "012:", 100, `leading zero: "01"`},
		{"two zeros", "00:", 100, `leading zero: "00"`},
		{"one more than the limit", "101:", 100, `"101", limit 100`},
		{"too large before the colon arrives", "1000", 100, `limit 100`},
		{"more digits than any integer", "99999999999999999999999999999999:", math.MaxInt, `limit`},
		{"2^64 does not wrap to 0", "18446744073709551616:", math.MaxInt, `limit`},
		{"2^32 does not wrap to 0", "4294967296:", math.MaxInt32, `limit`},
		{"a negative limit allows nothing", "1:", -1, `limit 0`},
	} {
		n, used, err := ParseLen([]byte(row.wire), row.limit)
		require.ErrorContains(t, err, "scgi: ", row.why)
		require.ErrorContains(t, err, row.want, row.why)
		require.Equal(t, []int{0, 0}, []int{n, used}, row.why)
	}
}

func FuzzParseLen(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte, limit int) {
		n, used, err := ParseLen(b, limit)
		if err != nil || used == 0 {
			require.Zero(t, n)
			return
		}
		require.LessOrEqual(t, n, max(limit, 0), "the limit holds")
		if n <= 1<<16 {
			wire := Append(nil, make([]byte, n))
			require.Equal(t, b[:used], wire[:used], "one length has one form")
		}
	})
}

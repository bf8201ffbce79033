package headers_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// The tokens of RFC 9110, section 5.6.2, as it lists them.
const tchar = "!#$%&'*+-.^_`|~" + "0123456789" +
	"abcdefghijklmnopqrstuvwxyz" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

func TestEveryByteOfAName(t *testing.T) {
	for c := range 256 {
		name := "X" + string([]byte{byte(c)})
		want := strings.IndexByte(tchar, byte(c)) >= 0
		require.Equal(t, want, headers.ValidName(name), "byte 0x%02x", c)
		require.Equal(t, want, headers.CheckName(name) == nil, "byte 0x%02x", c)
	}
}

func TestEveryByteOfAValue(t *testing.T) {
	for c := range 256 {
		value := "v" + string([]byte{byte(c)}) + "w"
		want := c == '\t' || c >= 0x20 && c != 0x7f
		require.Equal(t, want, headers.ValidValue(value), "byte 0x%02x", c)
		require.Equal(t, want, headers.CheckValue(value) == nil, "byte 0x%02x", c)
	}
}

func TestCheckName(t *testing.T) {
	for _, row := range []struct{ why, name, err string }{
		{"one byte is enough", "X", ""},
		{"the usual", "Content-Type", ""},
		{"an empty name is none", "", "headers: name is empty"},
		{"a space ends no name", "Host ", `headers: name "Host " has byte " " at offset 4`},
		{"a name begins without a tab", "\tHost", `headers: name "\tHost" has byte "\t" at offset 0`},
		{"a control character is shown escaped", "X\x1b[0m", `headers: name "X\x1b[0m" has byte "\x1b" at offset 1`},
		{"half a character is shown as a byte", "X\xc3", `headers: name "X\xc3" has byte "\xc3" at offset 1`},
		{"the first byte of two is shown", "a b\nc", `headers: name "a b\nc" has byte " " at offset 1`},
		{"a long name is cut in the error", strings.Repeat("x", 1000) + "\n",
			`headers: name "` + strings.Repeat("x", 64) + `" has byte "\n" at offset 1000`},
	} {
		t.Run(row.why, func(t *testing.T) { requireError(t, row.err, headers.CheckName(row.name)) })
	}
}

func TestCheckValue(t *testing.T) {
	for _, row := range []struct{ why, value, err string }{
		{"nothing is a value", "", ""},
		{"a tab is a space", "a\tb", ""},
		{"any charset passes", "caf\xc3\xa9 \xe9\xff", ""},
		{"CR", "a\rb", `headers: value has byte "\r" at offset 1`},
		{"LF", "secret\n", `headers: value has byte "\n" at offset 6`},
		{"NUL", "\x00", `headers: value has byte "\x00" at offset 0`},
		{"DEL", "ab\x7f", `headers: value has byte "\x7f" at offset 2`},
	} {
		t.Run(row.why, func(t *testing.T) { requireError(t, row.err, headers.CheckValue(row.value)) })
	}
}

// TestNoAllocation is about what a gateway calls for every field of every response.
func TestNoAllocation(t *testing.T) {
	names := []string{"Content-Type", "TRANSFER-ENCODING", "Keep-Alive", "Proxy-Authorization", "X-Custom", "bad name", ""}
	values := []string{"text/plain; charset=utf-8", strings.Repeat("v", 4096), "bad\nvalue", ""}
	found := 0
	allocs := testing.AllocsPerRun(100, func() {
		for _, name := range names {
			if headers.ValidName(name) && headers.IsHopByHop(name) {
				found++
			}
		}
		for _, value := range values {
			if headers.ValidValue(value) {
				found++
			}
		}
	})
	require.Zero(t, allocs)
	require.Equal(t, 101*(3+3), found, "three names are hop-by-hop, three values are valid")
}

func BenchmarkValid(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		headers.ValidName("Content-Disposition")
		headers.ValidValue(`attachment; filename="a file of no importance.txt"`)
		headers.IsHopByHop("Content-Disposition")
	}
}

func requireError(t *testing.T, want string, err error) {
	t.Helper()
	if want == "" {
		require.NoError(t, err)
		return
	}
	require.EqualError(t, err, want)
}

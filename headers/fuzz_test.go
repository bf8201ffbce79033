package headers_test

import (
	"strings"
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

// FuzzParse: what Parse accepts, AppendTo writes so that Parse reads the same,
// and a block that was written so is kept byte for byte.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, block []byte) {
		h, err := headers.Parse(block)
		if err != nil {
			require.Nil(t, h)
			require.True(t, strings.HasPrefix(err.Error(), "headers: line "), err)
			return
		}
		require.NoError(t, h.Check())
		written := h.AppendTo(nil)
		again, err := headers.Parse(written)
		require.NoError(t, err)
		require.Equal(t, h, again)
		require.Equal(t, written, again.AppendTo(nil))
		require.Equal(t, unspaced(string(block)), unspaced(string(written)), "nothing but white space may get lost")
		require.Equal(t, h.HTTP(), headers.FromHTTP(h.HTTP()).HTTP())
	})
}

func unspaced(s string) string {
	return strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "").Replace(s)
}

// FuzzAdd: what Add accepts is one field of a block, and what it refuses is not added.
func FuzzAdd(f *testing.F) {
	f.Fuzz(func(t *testing.T, name, value, param, paramValue string, bare bool) {
		h := list{{"First", "1"}}
		err := h.Add(name, value, headers.Param{Name: param, Value: paramValue, Bare: bare})
		if err != nil {
			require.Equal(t, list{{"First", "1"}}, h)
			require.NotContains(t, err.Error(), "\n", "an error is one line")
			return
		}
		back, err := headers.Parse(h.AppendTo(nil))
		require.NoError(t, err)
		require.Len(t, back, 2)
		require.Equal(t, name, back[1].Name)
		require.Equal(t, strings.Trim(h[1].Value, " \t"), back[1].Value)
	})
}

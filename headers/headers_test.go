package headers_test

import (
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

type list = headers.Headers

func TestWrap(t *testing.T) {
	fields := []headers.Field{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}}
	h := headers.Wrap(&fields)
	require.NoError(t, h.Set("a", "3"))
	require.NoError(t, h.Add("C", "4"))
	require.Equal(t, []headers.Field{{Name: "B", Value: "2"}, {Name: "a", Value: "3"}, {Name: "C", Value: "4"}}, fields,
		"what the methods change is changed in the wrapped list")

	fields = append(fields, headers.Field{Name: "D", Value: "5"})
	require.Equal(t, "5", h.Get("d"), "what is changed in the wrapped list is seen by the methods")

	none := headers.Wrap(nil)
	require.NoError(t, none.Set("A", "1"))
	require.Equal(t, list{{"A", "1"}}, *none, "no list is a new list")
}

func TestZeroValue(t *testing.T) {
	var h headers.Headers
	require.Zero(t, h.Len())
	require.Empty(t, h.Get("A"))
	require.False(t, h.Has("A"))
	require.Nil(t, h.Values("A"))
	require.Empty(t, h.Names())
	require.Equal(t, "\r\n", h.String())
	require.NoError(t, h.Check())
	h.Del("A")
	require.NoError(t, h.Set("A", "1"))
	require.Equal(t, list{{"A", "1"}}, h)
}

func TestAllStops(t *testing.T) {
	h := list{{"A", "1"}, {"B", "2"}}
	seen := 0
	for range h.All() {
		seen++
		break
	}
	require.Equal(t, 1, seen)
}

func TestClone(t *testing.T) {
	h := list{{"A", "1"}, {"B", "2"}}
	c := h.Clone()
	h.Del("A")
	require.Equal(t, list{{"A", "1"}, {"B", "2"}}, c, "a change of the list is none of the copy")
}

// TestFold is about names that differ in one byte only.
func TestFold(t *testing.T) {
	for _, row := range []struct {
		why, a, b string
		same      bool
	}{
		{"letters fold", "AZaz", "azAZ", true},
		{"an at sign is no grave accent", "@", "`", false},
		{"a bracket is no brace", "[", "{", false},
		{"a dash is no underscore", "X-A", "X_A", false},
		{"the sign of kelvin is no k", "\u212a", "k", false},
		{"a long s is no s", "\u017fet", "set", false},
		{"bytes outside ASCII do not fold", "\xc9", "\xe9", false},
		{"a shorter name is another", "X", "XX", false},
	} {
		t.Run(row.why, func(t *testing.T) {
			h := list{{row.a, "v"}}
			require.Equal(t, row.same, h.Has(row.b))
			require.True(t, h.Has(row.a))
		})
	}
}

// TestRefused is about fields that no method may add: each leaves the list as it was.
func TestRefused(t *testing.T) {
	for _, row := range []struct{ why, name, value, err string }{
		{"CR LF in a value", "A", "1\r\nB: 2", `headers: value of "A" has byte "\r" at offset 1`},
		{"LF alone in a value", "A", "12\n", `headers: value of "A" has byte "\n" at offset 2`},
		{"NUL in a value", "A", "\x00", `headers: value of "A" has byte "\x00" at offset 0`},
		{"CR LF in a name", "B\r\nC", "1", `headers: name "B\r\nC" has byte "\r" at offset 1`},
		{"a colon in a name", "B:", "1", `headers: name "B:" has byte ":" at offset 1`},
		{"an empty name", "", "1", "headers: name is empty"},
	} {
		for _, method := range []struct {
			name string
			call func(h *headers.Headers) error
		}{
			{"Set", func(h *headers.Headers) error { return h.Set(row.name, row.value) }},
			{"Add", func(h *headers.Headers) error { return h.Add(row.name, row.value) }},
			{"SetDefault", func(h *headers.Headers) error { _, err := h.SetDefault(row.name, row.value); return err }},
		} {
			t.Run(row.why+" by "+method.name, func(t *testing.T) {
				h := list{{"Z", "old"}}
				require.EqualError(t, method.call(&h), row.err)
				require.Equal(t, list{{"Z", "old"}}, h)
			})
		}
		t.Run(row.why+" by Check", func(t *testing.T) {
			require.EqualError(t, list{{"Z", "old"}, {row.name, row.value}}.Check(), row.err)
		})
	}
}

func TestSetDefaultChecksNothingThatItDoesNotAdd(t *testing.T) {
	h := list{{"A", "1"}}
	got, err := h.SetDefault("a", "\n")
	require.NoError(t, err)
	require.Equal(t, "1", got)
}

package env_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// The recording of testdata/generate.py, made by CPython.
type recording struct {
	Python   string
	URIs     []uriVector
	Shifts   []shiftVector
	Defaults []defaultsVector
}

// text is a string of CPython, each of whose characters is one byte here, or
// null, or the error that took its place.
type text struct {
	value, err string
	null       bool
}

func (t *text) UnmarshalJSON(b []byte) error {
	if b[0] == '{' {
		var fault struct{ Error string }
		err := json.Unmarshal(b, &fault)
		t.err = fault.Error
		return err
	}
	var s *string
	if err := json.Unmarshal(b, &s); err != nil || s == nil {
		t.null = true
		return err
	}
	t.value = latin1(*s)
	return nil
}

func latin1(s string) string {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// variables makes Vars of an environ of CPython. Their order has no meaning.
func variables(environ map[string]text) *env.Vars {
	v := new(env.Vars)
	for name, t := range environ {
		v.Add(name, t.value)
	}
	return v
}

func load(t *testing.T) recording {
	t.Helper()
	data, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	var r recording
	require.NoError(t, json.Unmarshal(data, &r))
	require.GreaterOrEqual(t, len(r.URIs)+len(r.Shifts), 150, "recorded cases")
	return r
}

func TestRecordedNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	r := load(t)
	for _, v := range r.URIs {
		require.False(t, seen[v.Why], v.Why)
		seen[v.Why] = true
	}
	for _, v := range r.Shifts {
		require.False(t, seen[v.Why], v.Why)
		seen[v.Why] = true
	}
	require.NotEmpty(t, seen)
}

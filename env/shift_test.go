package env_test

import (
	"fmt"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// A shiftVector shifts until no name is left or CPython raises an error.
type shiftVector struct {
	Why          string
	Script, Path text
	Steps        []struct{ Name, Script, Path text }
}

const (
	ordinary = "\"..\" is an ordinary name, and SCRIPT_NAME never gets shorter"
	kept     = "SCRIPT_NAME keeps what it had, and what is new comes after it"
	slashed  = "a PATH_INFO without its slash is read as if it had one"
)

// shiftDeviations are the vectors that this package answers in its own way:
// the names, and SCRIPT_NAME when none is left.
var shiftDeviations = []struct{ vector, reason, names, script string }{
	{"PATH_INFO '/..'", ordinary, `[".."]`, "/.."},
	{"PATH_INFO '/..' after /app", ordinary, `[".."]`, "/app/.."},
	{"PATH_INFO '/../'", ordinary, `[".." ""]`, "/../"},
	{"PATH_INFO '/../' after /app", ordinary, `[".." ""]`, "/app/../"},
	{"PATH_INFO '/a/..'", ordinary, `["a" ".."]`, "/a/.."},
	{"PATH_INFO '/a/..' after /app", ordinary, `["a" ".."]`, "/app/a/.."},
	{"PATH_INFO '/a/../b'", ordinary, `["a" ".." "b"]`, "/a/../b"},
	{"PATH_INFO '/a/../b' after /app", ordinary, `["a" ".." "b"]`, "/app/a/../b"},
	{"PATH_INFO '/../..'", ordinary, `[".." ".."]`, "/../.."},
	{"PATH_INFO '/../..' after /app", ordinary, `[".." ".."]`, "/app/../.."},
	{"PATH_INFO 'a'", slashed, `["a"]`, "/a"},
	{"PATH_INFO 'a' after /app", slashed, `["a"]`, "/app/a"},
	{"PATH_INFO 'a/b'", slashed, `["a" "b"]`, "/a/b"},
	{"PATH_INFO 'a/b' after /app", slashed, `["a" "b"]`, "/app/a/b"},
	{"PATH_INFO 'a/b/c'", slashed, `["a" "b" "c"]`, "/a/b/c"},
	{"PATH_INFO 'a/b/c' after /app", slashed, `["a" "b" "c"]`, "/app/a/b/c"},
	{"PATH_INFO 'a/'", slashed, `["a" ""]`, "/a/"},
	{"PATH_INFO 'a/' after /app", slashed, `["a" ""]`, "/app/a/"},
	{"PATH_INFO '.'", slashed, `[]`, ""},
	{"PATH_INFO '.' after /app", slashed, `[]`, "/app"},
	{"PATH_INFO './a'", slashed, `["a"]`, "/a"},
	{"PATH_INFO './a' after /app", slashed, `["a"]`, "/app/a"},
	{"PATH_INFO '..'", slashed, `[".."]`, "/.."},
	{"PATH_INFO '..' after /app", slashed, `[".."]`, "/app/.."},
	{"PATH_INFO '*'", slashed, `["*"]`, "/*"},
	{"PATH_INFO '*' after /app", slashed, `["*"]`, "/app/*"},
	{"PATH_INFO '/x' after '/'", "one slash is enough, and two would name a host", `["x"]`, "/x"},
	{"PATH_INFO '/x/' after '/'", "one slash is enough, and two would name a host", `["x" ""]`, "/x/"},
	{"PATH_INFO '/.' after '/app/'", kept, `[]`, "/app/"},
	{"PATH_INFO '/' after '/a//b'", kept, `[""]`, "/a//b/"},
	{"PATH_INFO '/x' after '/a//b'", kept, `["x"]`, "/a//b/x"},
	{"PATH_INFO '/.' after '/a//b'", kept, `[]`, "/a//b"},
	{"PATH_INFO '/x/' after '/a//b'", kept, `["x" ""]`, "/a//b/x/"},
	{"PATH_INFO '/' after '/a/./b'", kept, `[""]`, "/a/./b/"},
	{"PATH_INFO '/x' after '/a/./b'", kept, `["x"]`, "/a/./b/x"},
	{"PATH_INFO '/.' after '/a/./b'", kept, `[]`, "/a/./b"},
	{"PATH_INFO '/x/' after '/a/./b'", kept, `["x" ""]`, "/a/./b/x/"},
	{"PATH_INFO '/' after '/a/../b'", kept, `[""]`, "/a/../b/"},
	{"PATH_INFO '/x' after '/a/../b'", kept, `["x"]`, "/a/../b/x"},
	{"PATH_INFO '/.' after '/a/../b'", kept, `[]`, "/a/../b"},
	{"PATH_INFO '/x/' after '/a/../b'", kept, `["x" ""]`, "/a/../b/x/"},
	{"PATH_INFO '/' after '/..'", kept, `[""]`, "/../"},
	{"PATH_INFO '/x' after '/..'", kept, `["x"]`, "/../x"},
	{"PATH_INFO '/.' after '/..'", kept, `[]`, "/.."},
	{"PATH_INFO '/x/' after '/..'", kept, `["x" ""]`, "/../x/"},
	{"PATH_INFO '/x' after '.'", kept, `["x"]`, "./x"},
	{"PATH_INFO '/x/' after '.'", kept, `["x" ""]`, "./x/"},
}

func (v shiftVector) vars() *env.Vars {
	vars := new(env.Vars)
	vars.Add("SCRIPT_NAME", v.Script.value)
	vars.Add("PATH_INFO", v.Path.value)
	return vars
}

func TestShiftVectors(t *testing.T) {
	deviates := map[string]bool{}
	for _, d := range shiftDeviations {
		deviates[d.vector] = true
	}
	checked := 0
	for _, v := range load(t).Shifts {
		if deviates[v.Why] {
			continue
		}
		checked++
		t.Run(v.Why, func(t *testing.T) {
			vars := v.vars()
			require.NotEmpty(t, v.Steps)
			for _, s := range v.Steps {
				name, found := vars.ShiftPath()
				require.Empty(t, s.Name.err, "CPython fails: not a vector to follow")
				require.Equal(t, !s.Name.null, found)
				require.Equal(t, s.Name.value, name)
				require.Equal(t, s.Script.value, vars.Get("SCRIPT_NAME"))
				require.Equal(t, s.Path.value, vars.Get("PATH_INFO"))
			}
		})
	}
	require.NotZero(t, checked)
}

func TestShiftDeviations(t *testing.T) {
	recorded := map[string]shiftVector{}
	for _, v := range load(t).Shifts {
		recorded[v.Why] = v
	}
	for _, d := range shiftDeviations {
		t.Run(d.vector, func(t *testing.T) {
			v, found := recorded[d.vector]
			require.True(t, found, "no such vector")
			vars := v.vars()
			require.Equal(t, d.names, fmt.Sprintf("%q", shiftAll(t, vars)), d.reason)
			require.Equal(t, d.script, vars.Get("SCRIPT_NAME"), d.reason)
			require.Empty(t, vars.Get("PATH_INFO"))
			names, script := v.outcome()
			require.NotEqual(t, names+" "+script, d.names+" "+d.script, "CPython does the same: no deviation any more")
		})
	}
}

// shiftAll shifts until no name is left.
func shiftAll(t *testing.T, v *env.Vars) []string {
	t.Helper()
	names := []string{}
	for limit := len(v.Get("PATH_INFO")) + 1; ; limit-- {
		require.NotZero(t, limit, "each name takes at least a byte")
		name, found := v.ShiftPath()
		if !found {
			return names
		}
		names = append(names, name)
	}
}

// outcome is what CPython made of it: the names, or its error, and SCRIPT_NAME
// in the end.
func (v shiftVector) outcome() (names, script string) {
	list := []string{}
	for _, s := range v.Steps {
		script = s.Script.value
		switch {
		case s.Name.err != "":
			return s.Name.err, script
		case !s.Name.null:
			list = append(list, s.Name.value)
		}
	}
	return fmt.Sprintf("%q", list), script
}

func TestShiftPathOfFewVariables(t *testing.T) {
	v := env.Parse([]string{"PATH_INFO=/a/b"})
	name, found := v.ShiftPath()
	require.True(t, found)
	require.Equal(t, "a", name)
	require.Equal(t, []string{"PATH_INFO=/b", "SCRIPT_NAME=/a"}, v.Environ(), "a missing SCRIPT_NAME is added")

	v = env.Parse([]string{"SCRIPT_NAME=/a"})
	name, found = v.ShiftPath()
	require.False(t, found)
	require.Empty(t, name)
	require.Equal(t, []string{"SCRIPT_NAME=/a"}, v.Environ(), "without a name nothing changes")

	v = env.Parse([]string{"PATH_INFO=/a", "PATH_INFO=/b"})
	name, found = v.ShiftPath()
	require.True(t, found)
	require.Equal(t, "b", name, "the last of repeated variables counts")
	require.Equal(t, []string{"PATH_INFO=", "SCRIPT_NAME=/b"}, v.Environ())
}

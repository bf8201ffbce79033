package env_test

import (
	"slices"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// list makes variables of NAME=value, repeats kept.
func list(pairs ...string) *env.Vars { return env.Parse(pairs) }

// received returns NAME=value as they were received.
func received(v *env.Vars) []string {
	var pairs []string
	for name, value := range v.Pairs() {
		pairs = append(pairs, name+"="+value)
	}
	return pairs
}

func TestVarsChange(t *testing.T) {
	for _, row := range []struct {
		why    string
		start  []string
		change func(v *env.Vars)
		want   []string
	}{
		{"what is added comes last", []string{"B=1"}, func(v *env.Vars) { v.Add("A", "2") }, []string{"B=1", "A=2"}},
		{"Add keeps the one before", []string{"A=1"}, func(v *env.Vars) { v.Add("A", "2") }, []string{"A=1", "A=2"}},
		{"Set adds what is missing", []string{"A=1"}, func(v *env.Vars) { v.Set("B", "2") }, []string{"A=1", "B=2"}},
		{"Set keeps the place", []string{"A=1", "B=2"}, func(v *env.Vars) { v.Set("A", "3") }, []string{"A=3", "B=2"}},
		{"Set deletes repeats", []string{"A=1", "B=2", "A=3", "C=4", "A=5"}, func(v *env.Vars) { v.Set("A", "6") }, []string{"A=6", "B=2", "C=4"}},
		{"Set to nothing leaves the name", []string{"A=1"}, func(v *env.Vars) { v.Set("A", "") }, []string{"A="}},
		{"Del takes every repeat", []string{"A=1", "B=2", "A=3"}, func(v *env.Vars) { v.Del("A") }, []string{"B=2"}},
		{"Del of a missing name does nothing", []string{"A=1"}, func(v *env.Vars) { v.Del("B") }, []string{"A=1"}},
		{"names differ by case", []string{"a=1"}, func(v *env.Vars) { v.Del("A") }, []string{"a=1"}},
		{"Del on nothing", nil, func(v *env.Vars) { v.Del("A") }, nil},
		{"Reset deletes all", []string{"A=1", "B=2"}, func(v *env.Vars) { v.Reset() }, nil},
		{"Grow changes nothing", []string{"A=1"}, func(v *env.Vars) { v.Grow(100) }, []string{"A=1"}},
		{"Grow by less than nothing, too", []string{"A=1"}, func(v *env.Vars) { v.Grow(-3) }, []string{"A=1"}},
	} {
		v := list(row.start...)
		row.change(v)
		require.Equal(t, row.want, received(v), row.why)
		require.Equal(t, len(row.want), v.Len(), row.why)
	}
}

func TestVarsRead(t *testing.T) {
	for _, row := range []struct {
		why   string
		vars  []string
		name  string
		value string
		found bool
	}{
		{"one value", []string{"A=1"}, "A", "1", true},
		{"missing", []string{"A=1"}, "B", "", false},
		{"empty is there", []string{"A="}, "A", "", true},
		{"a name is compared byte by byte", []string{"A=1"}, "a", "", false},
		{"repeated fields are joined", []string{"HTTP_X=1", "B=2", "HTTP_X=3", "HTTP_X=4"}, "HTTP_X", "1, 3, 4", true},
		{"an empty field is a member of the list", []string{"HTTP_X=1", "HTTP_X="}, "HTTP_X", "1, ", true},
		{"cookies are joined as cookies", []string{"HTTP_COOKIE=a=1", "HTTP_COOKIE=b=2"}, "HTTP_COOKIE", "a=1; b=2", true},
		{"of another variable the last counts", []string{"REMOTE_USER=a", "REMOTE_USER=b"}, "REMOTE_USER", "b", true},
		{"a host is no list: a configuration may set it again", []string{"HTTP_HOST=a", "HTTP_HOST=a:81"}, "HTTP_HOST", "a:81", true},
		{"a value may have an equals sign", []string{"A=1=2"}, "A", "1=2", true},
	} {
		v := list(row.vars...)
		value, found := v.Lookup(row.name)
		require.Equal(t, row.value, value, row.why)
		require.Equal(t, row.found, found, row.why)
		require.Equal(t, row.value, v.Get(row.name), row.why)
	}
}

func TestVarsAll(t *testing.T) {
	v := list("B=1", "HTTP_X=1", "A=2", "HTTP_X=3", "B=4")
	want := []string{"B=4", "HTTP_X=1, 3", "A=2"}
	require.Equal(t, want, v.Environ(), "each name once, at its first place")

	var all []string
	for name, value := range v.All() {
		all = append(all, name+"="+value)
		require.Equal(t, v.Get(name), value, "All has what Get has")
	}
	require.Equal(t, want, all)

	for name := range v.All() {
		require.Equal(t, "B", name, "the loop can be left")
		break
	}
	for name := range v.Pairs() {
		require.Equal(t, "B", name, "the loop can be left")
		break
	}
	require.Equal(t, want, env.Parse(v.Environ()).Environ(), "Parse reads what Environ wrote")
	require.Empty(t, new(env.Vars).Environ(), "no variable, no entry")
}

func TestVarsClone(t *testing.T) {
	v := list("A=1", "B=2")
	c := v.Clone()
	c.Set("A", "3")
	c.Add("C", "4")
	v.Del("B")
	require.Equal(t, []string{"A=1"}, received(v), "a change of the copy is not seen")
	require.Equal(t, []string{"A=3", "B=2", "C=4"}, received(c), "nor one of the original")
}

func TestParseEnviron(t *testing.T) {
	for _, row := range []struct {
		why   string
		entry string
		want  []string
	}{
		{"usual", "PATH=/bin", []string{"PATH=/bin"}},
		{"empty value", "A=", []string{"A="}},
		{"no equals sign is no variable", "A", nil},
		{"no name is no variable", "=A", nil},
		{"a directory of a Windows drive is no variable", "=C:=C:\\x", nil},
		{"nothing is no variable", "", nil},
		{"the first equals sign counts", "A==B", []string{"A==B"}},
	} {
		require.Equal(t, row.want, received(list(row.entry)), row.why)
	}
}

func TestClean(t *testing.T) {
	for _, row := range []struct {
		why  string
		vars []string
		want []string
	}{
		{"nginx and Caddy pass the client's Proxy field", []string{"A=1", "HTTP_PROXY=http://evil", "B=2"}, []string{"A=1", "B=2"}},
		{"Apache with ProxyPass", []string{"SCRIPT_FILENAME=proxy:fcgi://127.0.0.1:9000/srv/app/a%20b"}, []string{"SCRIPT_FILENAME=/srv/app/a%20b"}},
		{"Apache with SetHandler", []string{"SCRIPT_FILENAME=proxy:fcgi://localhost//abs/x.fcgi"}, []string{"SCRIPT_FILENAME=/abs/x.fcgi"}},
		{"Apache with a balancer", []string{"SCRIPT_FILENAME=proxy:balancer://pool/srv/x"}, []string{"SCRIPT_FILENAME=/srv/x"}},
		{"Apache over SCGI", []string{"SCRIPT_FILENAME=proxy:scgi://127.0.0.1:4000/srv/x"}, []string{"SCRIPT_FILENAME=/srv/x"}},
		{"Apache with a rewrite rule", []string{"SCRIPT_FILENAME=proxy:fcgi://h/srv/x?a=b"}, []string{"SCRIPT_FILENAME=/srv/x"}},
		{"an address alone names no file", []string{"SCRIPT_FILENAME=proxy:fcgi://h"}, []string{"SCRIPT_FILENAME="}},
		{"another scheme is left alone", []string{"SCRIPT_FILENAME=proxy:http://h/x"}, []string{"SCRIPT_FILENAME=proxy:http://h/x"}},
		{"a file name is left alone", []string{"SCRIPT_FILENAME=/srv/a?b"}, []string{"SCRIPT_FILENAME=/srv/a?b"}},
		{"nothing to do", []string{"A=1"}, []string{"A=1"}},
	} {
		v := list(row.vars...)
		v.Clean()
		require.Equal(t, row.want, received(v), row.why)
	}
}

func TestParseLength(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "5": 5, "007": 7, "9223372036854775807": 1<<63 - 1} {
		n, err := env.ParseLength(s)
		require.NoError(t, err, s)
		require.Equal(t, want, n, s)
	}
	for _, s := range []string{"", "-1", "+5", " 5", "5 ", "0x5", "1e3", "5\n", "9223372036854775808", "٣"} {
		_, err := env.ParseLength(s)
		require.Error(t, err, "%q", s)
	}
}

// A list of a thousand names costs time in proportion, not squared: All looks
// every name up in a map. What it yields is the same.
func TestVarsMany(t *testing.T) {
	v := new(env.Vars)
	var want []string
	for i := range 1000 {
		name := "HTTP_X" + string(rune('A'+i%26)) + string(rune('A'+i/26%26)) + string(rune('A'+i/676))
		v.Add(name, "1")
		v.Add(name, "2")
		want = append(want, name+"=1, 2")
	}
	require.True(t, slices.Equal(want, v.Environ()))
}

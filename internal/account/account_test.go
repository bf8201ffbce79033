package account

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNumbers(t *testing.T) {
	for _, row := range []struct {
		why    string
		lookup func(string) (uint32, error)
		name   string
		want   uint32
		err    string
	}{
		{"a user", User, "root", 0, ""},
		{"a group", Group, "root", 0, ""},
		{"a number that nobody has", User, "1234567", 1234567, ""},
		{"a group's number", Group, "1234567", 1234567, ""},
		{"no user", User, "no-such-user", 0, `no user "no-such-user" on this machine`},
		{"no group", Group, "no-such-group", 0, `no group "no-such-group" on this machine`},
		{"empty", User, "", 0, `no user "" on this machine`},
		{"a negative number", User, "-1", 0, `no user "-1" on this machine`},
		{"a number that is none: -1 in 32 bits", Group, "4294967295", 0, `no group "4294967295" on this machine`},
	} {
		got, err := row.lookup(row.name)
		require.Equal(t, row.want, got, row.why)
		if row.err != "" {
			require.EqualError(t, err, row.err, row.why)
			continue
		}
		require.NoError(t, err, row.why)
	}
}

package env_test

import (
	"maps"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

type defaultsVector struct {
	Why               string
	Environ, Defaults map[string]text
	Scheme            string
}

// defaultsDeviations are the variables that this package defaults in its own
// way, by the vector and the name; an empty vector means all.
var defaultsDeviations = []struct{ vector, name, value, reason string }{
	{"", "SERVER_PROTOCOL", "HTTP/1.1", "HTTP/1.0 is not what a test is about"},
	{"", "QUERY_STRING", "", "RFC 3875, section 4.1.7: always set"},
	{"the server's name is an IPv6 address", "HTTP_HOST", "[::1]", "an IPv6 address has brackets in Host"},
	{"HTTPS is ON", "SERVER_PORT", "443", "HTTPS is understood in any case"},
}

func TestTestingDefaults(t *testing.T) {
	vectors := load(t).Defaults
	require.NotEmpty(t, vectors)
	used := make([]bool, len(defaultsDeviations))
	for _, v := range vectors {
		t.Run(v.Why, func(t *testing.T) {
			want := map[string]string{}
			for name, value := range v.Defaults {
				want[name] = value.value
			}
			for i, d := range defaultsDeviations {
				given, isGiven := v.Environ[d.name]
				if d.vector != "" && d.vector != v.Why || isGiven && given == v.Defaults[d.name] {
					continue
				}
				value, has := v.Defaults[d.name]
				require.False(t, has && value.value == d.value, "CPython does the same: no deviation any more")
				want[d.name], used[i] = d.value, true
			}
			vars := variables(v.Environ)
			vars.SetTestingDefaults()
			require.Equal(t, want, maps.Collect(vars.All()))
			vars.SetTestingDefaults()
			require.Equal(t, len(want), vars.Len(), "the second time there is nothing to add")
		})
	}
	require.NotContains(t, used, false, "every deviation is about a recorded vector")
}

func TestTestingDefaultsMakeARequest(t *testing.T) {
	v := new(env.Vars)
	v.SetTestingDefaults()
	r, err := v.Request()
	require.NoError(t, err)
	require.Equal(t, "GET", r.Method)
	require.Equal(t, "HTTP/1.1", r.Proto)
	require.Equal(t, "127.0.0.1", r.Host)
	require.Equal(t, "/", r.URL.String())
	require.Nil(t, r.TLS)
	uri, err := v.RequestURI()
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1/", uri)
}

package env_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

// FuzzShiftPath: the names are the segments that count, each shift lengthens
// SCRIPT_NAME by its name, and in the end nothing is left.
func FuzzShiftPath(f *testing.F) {
	f.Fuzz(func(t *testing.T, script, path string) {
		v := new(env.Vars)
		v.Add("SCRIPT_NAME", script)
		v.Add("PATH_INFO", path)
		names := []string{}
		for limit := len(path) + 1; ; limit-- {
			require.NotZero(t, limit, "each name takes at least a byte")
			before := v.Clone()
			name, found := v.ShiftPath()
			rest := v.Get("PATH_INFO")
			if !found {
				require.Empty(t, name)
				require.Empty(t, rest)
				require.Equal(t, before.Get("SCRIPT_NAME"), v.Get("SCRIPT_NAME"))
				break
			}
			require.NotContains(t, name, "/")
			require.True(t, rest == "" || rest[0] == '/')
			require.True(t, strings.HasPrefix(v.Get("SCRIPT_NAME"), before.Get("SCRIPT_NAME")))
			require.True(t, strings.HasSuffix(v.Get("SCRIPT_NAME"), "/"+name))
			names = append(names, name)
		}
		require.Equal(t, segments(path), names)
	})
}

// segments are the names in a path, found in the plainest way.
func segments(path string) []string {
	names := []string{}
	if path == "" {
		return names
	}
	all := strings.Split(strings.TrimPrefix(path, "/"), "/")
	for i, s := range all {
		if last := i == len(all)-1; s == "." || s == "" && !last {
			continue
		}
		names = append(names, s)
	}
	return names
}

// FuzzShiftRequest: what the path of a request says in its two forms is the
// same after every shift, the names are those of the escaped form, and the
// request that came in stays as it was.
func FuzzShiftRequest(f *testing.F) {
	f.Fuzz(func(t *testing.T, target string) {
		u, err := url.ParseRequestURI(target)
		if err != nil || u.Opaque != "" {
			return
		}
		want := segments(dotted(u.EscapedPath()))
		r, names := &http.Request{URL: u}, []string{}
		for limit := len(target) + 1; ; limit-- {
			require.NotZero(t, limit, "each name takes at least a byte")
			before := *r.URL
			name, rest, found := env.ShiftPath(r)
			require.Equal(t, before, *r.URL)
			agree(t, rest.URL)
			if !found {
				require.Empty(t, name)
				require.Empty(t, rest.URL.Path)
				break
			}
			names = append(names, name)
			r = rest
		}
		for i, s := range want {
			want[i], err = url.PathUnescape(s)
			require.NoError(t, err)
		}
		require.Equal(t, want, names)
	})
}

// dotted spells escaped segments that are a dot as one.
func dotted(path string) string {
	all := strings.Split(path, "/")
	for i, s := range all {
		if strings.EqualFold(s, "%2e") {
			all[i] = "."
		}
	}
	return strings.Join(all, "/")
}

// agree requires that the escaped form is the one that the URL writes.
func agree(t *testing.T, u *url.URL) {
	t.Helper()
	plain, err := url.PathUnescape(u.EscapedPath())
	require.NoError(t, err)
	require.Equal(t, u.Path, plain)
	if u.RawPath != "" {
		require.Equal(t, u.RawPath, u.EscapedPath())
	}
}

// FuzzRequestURI: nothing in the variables brings a control character into a
// URI, and a path with its slash is read back as it was.
func FuzzRequestURI(f *testing.F) {
	f.Fuzz(func(t *testing.T, host, script, path, query string) {
		v := new(env.Vars)
		v.Add("HTTP_HOST", host)
		v.Add("SERVER_NAME", host)
		v.Add("SERVER_PORT", "80")
		v.Add("SCRIPT_NAME", script)
		v.Add("PATH_INFO", path)
		v.Add("QUERY_STRING", query)
		uri, err := v.RequestURI()
		if host == "" {
			require.EqualError(t, err, "env: SERVER_NAME is missing")
			return
		}
		require.NoError(t, err)
		require.False(t, strings.ContainsFunc(uri, func(c rune) bool { return c < ' ' || c == 0x7f }), "%q", uri)
		application, err := v.ApplicationURI()
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(uri, application))
		if script == "" || script[0] != '/' {
			return
		}
		short, err := v.RequestURIWithoutQuery()
		require.NoError(t, err)
		plain, err := url.PathUnescape(short[len(application):])
		require.NoError(t, err)
		require.Equal(t, path, plain)
		v.Del("SCRIPT_NAME")
		root, err := v.ApplicationURI()
		require.NoError(t, err)
		plain, err = url.PathUnescape(application[len(root)-1:])
		require.NoError(t, err)
		require.Equal(t, script, plain)
	})
}

package integration

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A variation is why variables of a program are not those that Apache gives it.
type variation struct {
	runner string // part of its name; "" is every one
	names  string
	reason string
}

func variations() []variation {
	return []variation{
		{"", "SERVER_SOFTWARE SERVER_PORT REMOTE_PORT DOCUMENT_ROOT PATH_TRANSLATED", "each server and each connection has its own"},
		{"", "SERVER_SIGNATURE SERVER_ADMIN CONTEXT_PREFIX CONTEXT_DOCUMENT_ROOT GORACE", "Apache's own"},
		{"HTTP", "REMOTE_HOST", "it should be there (RFC 3875, section 4.1.9), if only as the address; Apache leaves it out"},
		{"nginx", "DOCUMENT_URI REDIRECT_STATUS", "nginx's own"},
		{"nginx", "REMOTE_USER", "nginx sends it empty"},
		{"nginx", "SERVER_NAME", "nginx says what its configuration calls it"},
	}
}

// TestProgramsSeeTheSame compares the environments of a program.
func TestProgramsSeeTheSame(t *testing.T) {
	root := makePrograms(t)
	theirs := apacheRunner.start(t, root)
	needed := map[string]bool{}
	for _, r := range runners() {
		t.Run(r.name, func(t *testing.T) {
			ours := r.start(t, root)
			for _, wire := range []string{
				plainly("GET", "/cgi-bin/environ", ""),
				plainly("GET", "/cgi-bin/environ/a%20b/caf%C3%A9;x?q=%20&x", ""),
				plainly("POST", "/cgi-bin/environ/x", "hello"),
				"GET /cgi-bin/environ HTTP/1.0\r\nHost: app.test\r\nUser-Agent: probe\r\nCookie: a=1; b=2\r\nAccept: */*\r\nProxy: http://evil.test\r\nX-Probe: one\r\n\r\n",
			} {
				want, got := environOf(t, theirs, wire), environOf(t, ours, wire)
				for _, v := range variations() {
					for name := range strings.FieldsSeq(v.names) {
						if !strings.Contains(r.name, v.runner) {
							continue
						}
						one, there := want[name]
						other, here := got[name]
						if one != other || there != here {
							needed[name] = true
						}
						delete(want, name)
						delete(got, name)
					}
				}
				require.Equal(t, lines(want), lines(got), "%s", wire)
			}
		})
	}
	for _, v := range variations() {
		for name := range strings.FieldsSeq(v.names) {
			require.True(t, needed[name], "%s never varies; take it out: %s", name, v.reason)
		}
	}
}

func environOf(t *testing.T, s *webServer, wire string) map[string]string {
	t.Helper()
	got := call{"", wire, nil}.on(t, s)
	require.Equal(t, http.StatusOK, got.status, got.body)
	all := map[string]string{}
	for line := range strings.Lines(got.body) {
		entry, err := strconv.Unquote(strings.TrimSpace(line))
		require.NoError(t, err)
		name, value, _ := strings.Cut(entry, "=")
		require.NotContains(t, all, name, "an environment has every name once")
		all[name] = value
	}
	return all
}

func lines(variables map[string]string) string {
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		all.WriteString(name + "=" + variables[name] + "\n")
	}
	return all.String()
}

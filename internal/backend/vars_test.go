package backend

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

func TestVars(t *testing.T) {
	for _, row := range []struct {
		why         string
		have        []string
		path        string
		length      int64
		mount, root string
		want        []string
	}{
		{"what came is passed on", []string{"A=1", "PATH_INFO=/x"}, "/x", 0, "", "", []string{"A=1", "PATH_INFO=/x"}},
		{"a mount point is SCRIPT_NAME", []string{"SCRIPT_NAME=", "PATH_INFO=/app/x"}, "/app/x", 0, "/app", "", []string{"SCRIPT_NAME=/app", "PATH_INFO=/x"}},
		{"a slash at its end is not part of it", nil, "/app/x", 0, "/app/", "", []string{"SCRIPT_NAME=/app", "PATH_INFO=/x"}},
		{"the mount point itself", nil, "/app", 0, "/app", "", []string{"SCRIPT_NAME=/app", "PATH_INFO="}},
		{"the root is no mount point", []string{"SCRIPT_NAME=/s"}, "/x", 0, "/", "", []string{"SCRIPT_NAME=/s"}},
		{"a root and a script", []string{"SCRIPT_NAME=/a.php", "SCRIPT_FILENAME=/old"}, "/a.php/x", 0, "", "/srv", []string{"SCRIPT_NAME=/a.php", "SCRIPT_FILENAME=/srv/a.php", "DOCUMENT_ROOT=/srv"}},
		{"a root and no script name", nil, "/a.php", 0, "", "/srv", []string{"DOCUMENT_ROOT=/srv", "SCRIPT_FILENAME=/srv/a.php"}},
		{"no way out of the root", nil, "/../../etc/passwd", 0, "", "/srv", []string{"DOCUMENT_ROOT=/srv", "SCRIPT_FILENAME=/srv/etc/passwd"}},
		{"the length is that of the body", []string{"CONTENT_LENGTH=5"}, "/", 7, "", "", []string{"CONTENT_LENGTH=7"}},
		{"a body that is gone", []string{"CONTENT_LENGTH=5"}, "/", 0, "", "", []string{"CONTENT_LENGTH=0"}},
		{"a length that is not known", []string{"CONTENT_LENGTH=-1"}, "/", -1, "", "", nil},
		{"what SCGI says of no body", []string{"CONTENT_LENGTH=0"}, "/", 0, "", "", nil},
		{"an empty length stays", []string{"CONTENT_LENGTH="}, "/", 0, "", "", []string{"CONTENT_LENGTH="}},
		{"httpoxy", []string{"HTTP_PROXY=http://evil", "A=1"}, "/", 0, "", "", []string{"A=1"}},
		{"the server's name for itself stays", []string{"SERVER_SOFTWARE=nginx/1.22.1"}, "/", 0, "", "", []string{"SERVER_SOFTWARE=nginx/1.22.1"}},
		{"an empty one is none", []string{"SERVER_SOFTWARE="}, "/", 0, "", "", []string{"SERVER_SOFTWARE=postern"}},
		{"doubles", []string{"HTTP_CONTENT_TYPE=a/b", "HTTP_CONTENT_LENGTH=1", "CONTENT_TYPE=a/b"}, "/", 0, "", "", []string{"CONTENT_TYPE=a/b"}},
	} {
		have := env.Parse(row.have)
		r := httptest.NewRequest("GET", "/", http.NoBody)
		r.URL.Path, r.ContentLength = row.path, row.length
		v, err := Vars(have, r, row.mount, row.root)
		require.NoError(t, err, row.why)
		if !slices.ContainsFunc(row.want, isSoftware) {
			row.want = append(row.want, "SERVER_SOFTWARE=postern")
		}
		require.ElementsMatch(t, row.want, v.Environ(), row.why)
		require.Equal(t, env.Parse(row.have), have, "%s: the request's own are left alone", row.why)
	}
}

func isSoftware(variable string) bool { return strings.HasPrefix(variable, "SERVER_SOFTWARE=") }

func TestVarsErrors(t *testing.T) {
	for _, path := range []string{"/", "/application", "/ap", "/other/app"} {
		_, err := Vars(new(env.Vars), httptest.NewRequest("GET", path, nil), "/app", "")
		require.ErrorIs(t, err, ErrOutside, "%s is not below /app", path)
	}
	for _, row := range []struct{ why, name, value string }{
		{"NUL in a value", "A", "1\x00B=2"},
		{"NUL in a name", "A\x00", "1"},
		{"no name", "", "1"},
	} {
		v := new(env.Vars)
		v.Add(row.name, row.value)
		_, err := Vars(v, httptest.NewRequest("GET", "/", nil), "", "")
		require.ErrorIs(t, err, ErrUnsendable, row.why)
		require.Equal(t, http.StatusBadRequest, statusOf(err), "it is the client's fault")
	}
}

func TestDeclared(t *testing.T) {
	for _, row := range []struct {
		why    string
		length int64
		body   string
		want   string
		fails  bool
	}{
		{"as long as declared", 5, "hello", "hello", false},
		{"a longer one ends there", 3, "hello", "hel", false},
		{"a shorter one is an error", 6, "hello", "hello", true},
		{"an unknown length is the body's", -1, "hello", "hello", false},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(row.body))
		r.ContentLength = row.length
		got, err := readAll(Declared(r))
		require.Equal(t, row.want, got, row.why)
		require.Equal(t, row.fails, err != nil, row.why)
	}
}

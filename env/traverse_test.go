package env_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/postern-go/postern/env"
	"github.com/stretchr/testify/require"
)

func TestShiftPathOfRequest(t *testing.T) {
	for _, r := range []struct {
		why, target   string
		name          string
		found         bool
		path, rawPath string
	}{
		{"the first of two names", "/a/b", "a", true, "/b", ""},
		{"the last name leaves nothing", "/a", "a", true, "", ""},
		{"the slash after a name stays", "/a/", "a", true, "/", ""},
		{"a lone slash is an empty name", "/", "", true, "", ""},
		{"slashes alone are an empty name", "//", "", true, "", ""},
		{"empty segments are passed over", "//a//b//c", "a", true, "/b/c", ""},
		{"dots between slashes are passed over", "/./a/./b", "a", true, "/b", ""},
		{"a last dot is no name", "/.", "", false, "", ""},
		{"a last dot stays until it is the turn", "/a/.", "a", true, "/.", ""},
		{"two dots are a name", "/../a", "..", true, "/a", ""},
		{"an escaped byte is decoded in the name", "/a%20b/c", "a b", true, "/c", ""},
		{"an escaped byte that needs no RawPath", "/a/b%20c", "a", true, "/b c", ""},
		{"an escaped slash is part of the name", "/a%2Fb/c", "a/b", true, "/c", ""},
		{"an escaped slash in the rest keeps RawPath", "/a/b%2Fc/d", "a", true, "/b/c/d", "/b%2Fc/d"},
		{"an unusual escape in the rest keeps RawPath", "/a/%62", "a", true, "/b", "/%62"},
		{"an unusual escape in the name needs none", "/%61/b", "a", true, "/b", ""},
		{"an escaped percent sign is decoded once", "/%252F/b%2F", "%2F", true, "/b/", "/b%2F"},
		{"an escaped dot is a dot", "/%2E/a%2Fb/%2e/c", "a/b", true, "/c", ""},
		{"an escaped last dot is no name", "/%2E", "", false, "", ""},
		{"escaped double dots are a name", "/%2E%2e/a", "..", true, "/a", ""},
		{"empty segments go from RawPath, too", "/a//b%2F//", "a", true, "/b//", "/b%2F/"},
		{"the asterisk is a name", "*", "*", true, "", ""},
	} {
		t.Run(r.why, func(t *testing.T) {
			req := request(t, r.target)
			before := *req.URL
			name, rest, found := env.ShiftPath(req)
			require.Equal(t, r.found, found)
			require.Equal(t, r.name, name)
			require.Equal(t, r.path, rest.URL.Path)
			require.Equal(t, r.rawPath, rest.URL.RawPath)
			require.Equal(t, before, *req.URL, "the request itself does not change")
			require.NotSame(t, req, rest)
			require.NotSame(t, req.URL, rest.URL)
		})
	}
}

// request is what a server parses of a target.
func request(t *testing.T, target string) *http.Request {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	require.NoError(t, err)
	return &http.Request{Method: "GET", URL: u, RequestURI: target, Header: http.Header{"A": {"1"}}}
}

func TestShiftPathKeepsTheRest(t *testing.T) {
	req := request(t, "/a/b?q=1")
	_, rest, _ := env.ShiftPath(req)
	require.Equal(t, "/a/b?q=1", rest.RequestURI, "the request target is what the client sent")
	require.Equal(t, "q=1", rest.URL.RawQuery)
	require.Equal(t, req.Header, rest.Header)
	require.Equal(t, req.Context(), rest.Context())
}

func TestShiftPathWithoutPath(t *testing.T) {
	req := request(t, "/")
	req.URL.Path = ""
	name, rest, found := env.ShiftPath(req)
	require.False(t, found)
	require.Empty(t, name)
	require.Same(t, req, rest, "there is nothing to take off")
}

func TestShiftPathHeedsPathOverRawPath(t *testing.T) {
	req := request(t, "/a%2Fb")
	req.URL.Path = "/x/y" // RawPath is not its encoding any more
	name, rest, found := env.ShiftPath(req)
	require.True(t, found)
	require.Equal(t, "x", name)
	require.Equal(t, "/y", rest.URL.Path)
	require.Empty(t, rest.URL.RawPath)
}

func TestTraverse(t *testing.T) {
	leaf := func(label string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %q", label, r.URL.Path)
		})
	}
	shop := env.Traverse(func(name string, found bool) http.Handler {
		if found {
			return leaf("article " + name)
		}
		return leaf("shop")
	})
	root := env.Traverse(func(name string, _ bool) http.Handler {
		return map[string]http.Handler{"blog": leaf("blog"), "shop": shop, "": leaf("home")}[name]
	})
	for _, r := range []struct {
		why, target string
		status      int
		body        string
	}{
		{"the name chooses", "/blog", 200, `blog ""`},
		{"the rest is the path", "/blog/2024/05", 200, `blog "/2024/05"`},
		{"a slash at the end can be told apart", "/blog/", 200, `blog "/"`},
		{"the root is the empty name", "/", 200, `home ""`},
		{"one may follow another", "/shop/shoe", 200, `article shoe ""`},
		{"and finds no name left", "/shop", 200, `shop ""`},
		{"and an empty one after a slash", "/shop/", 200, `article  ""`},
		{"no handler is 404", "/other/x", 404, "404 page not found\n"},
		{"two dots lead nowhere", "/blog/../shop", 200, `blog "/../shop"`},
	} {
		t.Run(r.why, func(t *testing.T) {
			w := httptest.NewRecorder()
			root.ServeHTTP(w, request(t, r.target))
			require.Equal(t, r.status, w.Code)
			require.Equal(t, r.body, w.Body.String())
		})
	}
}

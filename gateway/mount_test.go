package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestMount(t *testing.T) {
	cgi := gateway.Engine{ScriptNameIsMount: true}
	configured := gateway.Engine{Mount: "/app"}
	for _, row := range []struct {
		why    string
		engine gateway.Engine
		vars   string
		mount  string
		path   string // within the application
		raw    string
	}{
		{"nginx with fastcgi_params: the whole path is SCRIPT_NAME", gateway.Engine{}, "REQUEST_URI=/app/x\nSCRIPT_NAME=/app/x", "", "/app/x", ""},
		{"nginx with scgi_params: no SCRIPT_NAME at all", gateway.Engine{}, "REQUEST_URI=/app/x", "", "/app/x", ""},
		{"nginx with a mount point that the caller configured", configured, "REQUEST_URI=/app/x\nSCRIPT_NAME=/app/x", "/app", "/x", ""},
		{"nginx with fastcgi_split_path_info", gateway.Engine{}, "REQUEST_URI=/app/x\nSCRIPT_NAME=/app\nPATH_INFO=/x", "/app", "/x", ""},
		{"what the variables name counts more than what was configured", gateway.Engine{Mount: "/a"}, "REQUEST_URI=/a/b/x\nSCRIPT_NAME=/a/b\nPATH_INFO=/x", "/a/b", "/x", ""},
		{"Apache with ProxyPass: the whole path and no PATH_INFO", gateway.Engine{}, "REQUEST_URI=/app/x\nSCRIPT_NAME=/app/x\nPATH_INFO=", "", "/app/x", ""},
		{"Caddy: the whole path and an empty PATH_INFO", configured, "REQUEST_URI=/app/x\nSCRIPT_NAME=/app/x\nPATH_INFO=", "/app", "/x", ""},
		{"lighttpd: a prefix and the decoded rest", gateway.Engine{}, "REQUEST_URI=/app/pi%2Fx/y%20z\nSCRIPT_NAME=/app\nPATH_INFO=/pi/x/y z", "/app", "/pi/x/y z", "/pi%2Fx/y%20z"},
		{"Apache leaves %2F in PATH_INFO", gateway.Engine{}, "REQUEST_URI=/app/pi%2fx/%252F%2Fy%20z\nSCRIPT_NAME=/app\nPATH_INFO=/pi%2fx/%2F%2Fy z", "/app", "/pi/x/%2F/y z", "/pi%2fx/%252F%2Fy%20z"},
		{"a mount point with an escape in it", gateway.Engine{}, "REQUEST_URI=/a%2Fb/x%2Fy\nSCRIPT_NAME=/a/b\nPATH_INFO=/x/y", "/a/b", "/x/y", "/x%2Fy"},
		{"a path that ends with the mount point, escaped", gateway.Engine{Mount: "/a b"}, "REQUEST_URI=/a%20b", "/a b", "/", ""},
		{"a server that normalised the path for itself names no prefix", gateway.Engine{}, "REQUEST_URI=/app//x\nSCRIPT_NAME=/app\nPATH_INFO=/x", "", "/app//x", ""},
		{"a prefix that ends inside a segment is none", gateway.Engine{}, "REQUEST_URI=/app/x\nSCRIPT_NAME=/ap\nPATH_INFO=p/x", "", "/app/x", ""},
		{"a slash at its end is no part of it", gateway.Engine{}, "REQUEST_URI=/app/x\nSCRIPT_NAME=/app/\nPATH_INFO=x", "/app", "/x", ""},
		{"the root as SCRIPT_NAME", gateway.Engine{}, "REQUEST_URI=/x\nSCRIPT_NAME=/\nPATH_INFO=x", "", "/x", ""},
		{"an empty SCRIPT_NAME leaves it to the caller", configured, "REQUEST_URI=/app/x\nSCRIPT_NAME=\nPATH_INFO=/app/x", "/app", "/x", ""},
		{"no REQUEST_URI: the path is SCRIPT_NAME and PATH_INFO", gateway.Engine{}, "SCRIPT_NAME=/app\nPATH_INFO=/x y", "/app", "/x y", ""},
		{"a configured mount point that is the path", configured, "REQUEST_URI=/app", "/app", "/", ""},
		{"with a slash behind it", configured, "REQUEST_URI=/app/", "/app", "/", ""},
		{"a longer name is another path", configured, "REQUEST_URI=/apple", "", "/apple", ""},
		{"a path outside", configured, "REQUEST_URI=/other", "", "/other", ""},
		{"a slash at the end of the configured one does not matter", gateway.Engine{Mount: "/app/"}, "REQUEST_URI=/app/x", "/app", "/x", ""},
		{"the root is no mount point", gateway.Engine{Mount: "/"}, "REQUEST_URI=/x", "", "/x", ""},
		{"two slashes after it", configured, "REQUEST_URI=/app//x", "/app", "//x", ""},
		{"the asterisk", configured, "REQUEST_METHOD=POST\nREQUEST_URI=*", "", "*", ""},
		{"CGI: SCRIPT_NAME and PATH_INFO", cgi, "REQUEST_URI=/cgi-bin/app/x\nSCRIPT_NAME=/cgi-bin/app\nPATH_INFO=/x", "/cgi-bin/app", "/x", ""},
		{"CGI: the program itself", cgi, "REQUEST_URI=/cgi-bin/app\nSCRIPT_NAME=/cgi-bin/app", "/cgi-bin/app", "/", ""},
		{"CGI: PATH_INFO is decoded in part only, as Apache does", cgi, "REQUEST_URI=/app/pi%2Fx/y%20z\nSCRIPT_NAME=/app\nPATH_INFO=/pi%2Fx/y z", "/app", "/pi/x/y z", "/pi%2Fx/y%20z"},
		{"CGI behind a rewrite: what is before PATH_INFO", cgi, "REQUEST_URI=/nice/x\nSCRIPT_NAME=/cgi-bin/app\nPATH_INFO=/x", "/nice", "/x", ""},
		{"CGI behind a rewrite of everything: the path is PATH_INFO", cgi, "REQUEST_URI=/x\nSCRIPT_NAME=/cgi-bin/app\nPATH_INFO=/x", "", "/x", ""},
		{"CGI behind a rewrite without PATH_INFO", cgi, "REQUEST_URI=/nice\nSCRIPT_NAME=/cgi-bin/app", "", "/nice", ""},
		{"CGI behind a rewrite, with a mount point that the caller configured", gateway.Engine{ScriptNameIsMount: true, Mount: "/nice"}, "REQUEST_URI=/nice/x\nSCRIPT_NAME=/cgi-bin/app", "/nice", "/x", ""},
		{"CGI: an ending that is no path is no PATH_INFO", cgi, "REQUEST_URI=/nice/x\nSCRIPT_NAME=/cgi-bin/app\nPATH_INFO=x", "", "/nice/x", ""},
		{"CGI by hand: neither", cgi, "", "", "/", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			ran := false
			h := func(w http.ResponseWriter, r *http.Request) {
				uri, path := r.RequestURI, r.URL.Path
				require.Equal(t, row.mount, gateway.Mount(r))
				gateway.StripMount(http.HandlerFunc(func(_ http.ResponseWriter, inner *http.Request) {
					ran = true
					require.Equal(t, row.path, inner.URL.Path)
					require.Equal(t, row.raw, inner.URL.RawPath)
					require.Equal(t, uri, inner.RequestURI, "the target stays")
					require.Equal(t, row.mount, gateway.Mount(inner), "the mount point is still known")
				})).ServeHTTP(w, r)
				require.Equal(t, path, r.URL.Path, "the outer request stays")
			}
			_, err := serve(t, &row.engine, "REQUEST_METHOD=GET\n"+row.vars, h)
			require.NoError(t, err)
			require.True(t, ran)
		})
	}
}

func TestStripMountOnce(t *testing.T) {
	e := gateway.Engine{Mount: "/app"}
	_, err := serve(t, &e, "REQUEST_METHOD=GET\nREQUEST_URI=/app/app/x", gateway.StripMount(gateway.StripMount(http.HandlerFunc(
		func(_ http.ResponseWriter, r *http.Request) {
			require.Equal(t, "/app/x", r.URL.Path, "a mount point is taken off once, however often one asks")
		}))).ServeHTTP)
	require.NoError(t, err)
}

// A middleware that changed the path, in place or in a copy, has the last word.
func TestStripMountOfAChangedPath(t *testing.T) {
	e := gateway.Engine{Mount: "/app"}
	for _, path := range []string{"/", "", "/other/x", "/app"} {
		_, err := serve(t, &e, "REQUEST_METHOD=GET\nREQUEST_URI=/app/x", func(w http.ResponseWriter, r *http.Request) {
			r.URL.Path = path
			gateway.StripMount(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { require.Equal(t, path, r.URL.Path) })).ServeHTTP(w, r)
		})
		require.NoError(t, err)
	}
}

func TestStripMountWithoutEngine(t *testing.T) {
	r := httptest.NewRequest("GET", "/app/x", nil)
	gateway.StripMount(http.HandlerFunc(func(_ http.ResponseWriter, inner *http.Request) { require.Same(t, r, inner) })).ServeHTTP(httptest.NewRecorder(), r)
}

// A request that the exchange parsed has the configured mount point only.
func TestMountOfAParsedRequest(t *testing.T) {
	for path, mount := range map[string]string{"/app/x": "/app", "/app": "/app", "/apple": "", "/x": ""} {
		r := httptest.NewRequest("GET", path, nil)
		e := gateway.Engine{Origin: true, Mount: "/app"}
		require.NoError(t, e.Run(t.Context(), &parsedMemory{originMemory{newMemory(vars(get), ""), r}},
			http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { require.Equal(t, mount, gateway.Mount(r), path) })))
	}
}

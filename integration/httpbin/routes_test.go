package httpbin

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// samples has a target for every pattern that the handler registers; the methods of samples_test.go are tried on each.
func samples() map[string]string {
	return map[string]string{
		"DELETE /delete":                       "/delete?a=1",
		"GET /{$}":                             "/",
		"GET /encoding/utf8":                   "/encoding/utf8",
		"GET /forms/post":                      "/forms/post",
		"GET /get":                             "/get?a=1&a=2&b=%C3%A4",
		"GET /websocket/echo":                  "/websocket/echo",
		"HEAD /head":                           "/head?a=1",
		"PATCH /patch":                         "/patch?a=1",
		"POST /post":                           "/post?a=1",
		"PUT /put":                             "/put?a=1",
		"/absolute-redirect/{numRedirects}":    "/absolute-redirect/2?a=1",
		"/anything":                            "/anything?a=1",
		"/anything/":                           "/anything/a/b%2Fc/d%20e?a=1",
		"/base64/{data}":                       "/base64/cG9zdGVybg==",
		"/base64/{operation}/{data}":           "/base64/encode/postern",
		"/basic-auth/{user}/{password}":        "/basic-auth/user/secret",
		"/bearer":                              "/bearer",
		"/bytes/{numBytes}":                    "/bytes/5000?seed=1",
		"/cache":                               "/cache",
		"/cache/{numSeconds}":                  "/cache/60",
		"/cookies":                             "/cookies",
		"/cookies/delete":                      "/cookies/delete?flavour=oat",
		"/cookies/set":                         "/cookies/set?flavour=oat",
		"/deflate":                             "/deflate?a=1",
		"/delay/{duration}":                    "/delay/0.002",
		"/deny":                                "/deny",
		"/digest-auth/{qop}/{user}/{password}": "/digest-auth/auth/user/secret",
		"/digest-auth/{qop}/{user}/{password}/{algorithm}": "/digest-auth/auth/user/secret/SHA-256",
		"/drip":                                "/drip?numbytes=4&duration=4ms&delay=1ms",
		"/dump/request":                        "/dump/request?a=1",
		"/env":                                 "/env",
		"/etag/{etag}":                         "/etag/abc",
		"/gzip":                                "/gzip?a=1",
		"/headers":                             "/headers",
		"/hidden-basic-auth/{user}/{password}": "/hidden-basic-auth/user/secret",
		"/hostname":                            "/hostname",
		"/html":                                "/html",
		"/image":                               "/image",
		"/image/{kind}":                        "/image/png",
		"/ip":                                  "/ip",
		"/json":                                "/json",
		"/jsonl":                               "/jsonl?count=3",
		"/links/{numLinks}":                    "/links/5",
		"/links/{numLinks}/{offset}":           "/links/5/2",
		"/range/{numBytes}":                    "/range/100",
		"/redirect-to":                         "/redirect-to?url=https%3A%2F%2Fexample.org%2Fa%3Fb",
		"/redirect/{numRedirects}":             "/redirect/2",
		"/relative-redirect/{numRedirects}":    "/relative-redirect/2",
		"/response-headers":                    "/response-headers?X-One=1&X-Two=2&X-Two=3",
		"/robots.txt":                          "/robots.txt",
		"/sse":                                 "/sse?count=3&duration=3ms",
		"/status/{code}":                       "/status/418",
		"/stream-bytes/{numBytes}":             "/stream-bytes/1000?seed=2&chunk_size=300",
		"/stream/{numLines}":                   "/stream/3",
		"/trailers":                            "/trailers?X-Late=yes",
		"/unstable":                            "/unstable?seed=3",
		"POST /upload":                         "/upload",
		"PUT /upload":                          "/upload",
		"PATCH /upload":                        "/upload",
		"/user-agent":                          "/user-agent",
		"/uuid":                                "/uuid",
		"/version":                             "/version",
		"/xml":                                 "/xml",
		"/brotli":                              "/brotli",
	}
}

// TestRoutes reads the patterns from the source of the handler, so that one without a sample is noticed.
func TestRoutes(t *testing.T) {
	require.Equal(t, registered(t), slices.Sorted(maps.Keys(samples())))
}

// registered returns the patterns of the calls of mux.HandleFunc and mux.Handle in the handler's source, sorted.
func registered(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(sourceDir(t), "*.go"))
	require.NoError(t, err)
	var patterns []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && registers(call) {
				literal, ok := call.Args[0].(*ast.BasicLit)
				require.True(t, ok, "%s: a pattern that is no literal", name)
				pattern, err := strconv.Unquote(literal.Value)
				require.NoError(t, err)
				patterns = append(patterns, pattern)
			}
			return true
		})
	}
	require.NotEmpty(t, patterns)
	slices.Sort(patterns)
	return patterns
}

func registers(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (f.Sel.Name == "HandleFunc" || f.Sel.Name == "Handle") && len(call.Args) == 2
}

func sourceDir(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/mccutchen/go-httpbin/v2/httpbin").Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

package app

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/gateway"
)

// Handler returns the test application. It takes the mount point off the path itself.
func Handler() http.Handler {
	return gateway.StripMount(http.HandlerFunc(dispatch))
}

func dispatch(w http.ResponseWriter, r *http.Request) {
	serve, known := paths[firstSegment(r.URL.Path)]
	if !known {
		http.NotFound(w, r)
		return
	}
	serve(w, r)
}

func firstSegment(path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return name
}

// paths is never changed.
var paths = map[string]http.HandlerFunc{
	"echo":        echo,
	"bytes":       bytes,
	"upload":      upload,
	"status":      status,
	"slow":        slow,
	"stderr":      stderr,
	"panic":       panicEarly,
	"panic-late":  panicLate,
	"wait-cancel": waitCancel,
	"header":      header,
	"stream":      stream,
	"cl":          contentLength,
	"body-on":     bodyOn,
	"read-some":   readSome,
}

// Paths returns the first segments that Handler knows, sorted.
func Paths() []string { return slices.Sorted(maps.Keys(paths)) }

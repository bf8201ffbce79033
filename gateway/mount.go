package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// A mounted is where a request has a mount point.
type mounted struct {
	path string // URL.Path as it came
	n    int    // length of the mount point in it, 0 when there is none
}

func (m mounted) point() string { return m.path[:m.n] }

// mountAt takes note of the mount point, "" for none.
func (s *run) mountAt(point string) {
	if point != "" {
		s.rare.Store(&rare{mounted: mounted{s.req.URL.Path, len(point)}})
	}
}

// mounted returns where the mount point is.
func (s *run) mounted() mounted {
	if x := s.rare.Load(); x != nil {
		return x.mounted
	}
	return mounted{}
}

// Mount returns the mount point of a request: the prefix of r.URL.Path that
// belongs to the web server's configuration and not to the application, or "".
func Mount(r *http.Request) string {
	if s := runOf(r); s != nil {
		return s.mounted().point()
	}
	return ""
}

// StripMount calls h with the mount point taken off URL.Path and URL.RawPath.
// RequestURI and the variables stay. A path that is the mount point itself
// becomes "/". A path that something before it has changed is left alone.
func StripMount(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m mounted
		if s := runOf(r); s != nil {
			m = s.mounted()
		}
		if m.n == 0 || r.URL.Path != m.path {
			h.ServeHTTP(w, r)
			return
		}
		inner := *r
		u := *r.URL
		u.Path, u.RawPath = strip(u.Path, m.point()), stripRaw(u.RawPath, m.n)
		inner.URL = &u
		h.ServeHTTP(w, &inner)
	})
}

func strip(path, mount string) string {
	if path = path[len(mount):]; path == "" {
		return "/"
	}
	return path
}

// stripRaw takes off the escaped form of a prefix that is n bytes when decoded.
func stripRaw(raw string, n int) string {
	i := 0
	for ; n > 0 && i < len(raw); n-- {
		if raw[i] == '%' {
			i += 2
		}
		i++
	}
	if i >= len(raw) {
		return ""
	}
	return raw[i:]
}

// mountPoint decides the mount point from SCRIPT_NAME and PATH_INFO. SCRIPT_NAME counts
// when it and PATH_INFO together are the path, since servers with their stock
// configuration send the whole path as SCRIPT_NAME and no PATH_INFO. Apache's
// "AllowEncodedSlashes NoDecode" leaves %2F in PATH_INFO as it is. In CGI it
// counts as it stands, or, when the server rewrote the path, what is before
// PATH_INFO.
func (s *run) mountPoint(script, info string) string {
	path := s.url.Path
	if info == "" && !s.engine.ScriptNameIsMount {
		return s.configuredMount()
	}
	if script != "" && info != "" && (script+info == path || script+info == slashesKept(&s.url)) {
		if mount := strings.TrimSuffix(script, "/"); hasMount(path, mount) {
			return mount
		}
	}
	if s.engine.ScriptNameIsMount {
		if hasMount(path, script) {
			return script
		}
		if mount, found := strings.CutSuffix(path, info); found && strings.HasPrefix(info, "/") {
			return mount
		}
	}
	return s.configuredMount()
}

// slashesKept returns the path of u decoded but for its escaped slashes.
func slashesKept(u *url.URL) string {
	if u.RawPath == "" {
		return u.Path
	}
	escaped := strings.ReplaceAll(strings.ReplaceAll(u.RawPath, "%2F", "%252F"), "%2f", "%252f")
	kept, _ := url.PathUnescape(escaped)
	return kept
}

func (s *run) configuredMount() string {
	if mount := strings.TrimSuffix(s.engine.Mount, "/"); hasMount(s.req.URL.Path, mount) {
		return mount
	}
	return ""
}

// hasMount reports whether mount is path or ends at a slash in it.
func hasMount(path, mount string) bool {
	rest, found := strings.CutPrefix(path, mount)
	return found && (rest == "" || rest[0] == '/')
}

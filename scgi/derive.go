package scgi

import (
	"net/url"
	"strings"

	"github.com/postern-go/postern/env"
)

// derivable is the number of variables that derive may add.
const derivable = 3

// derive adds what RFC 3875 demands and web servers leave out. nginx sends no GATEWAY_INTERFACE, and neither SCRIPT_NAME nor PATH_INFO: what
// they would be follows from the request target and the mount point.
func derive(v *env.Vars, mount string) {
	if v.Get("GATEWAY_INTERFACE") == "" {
		v.Set("GATEWAY_INTERFACE", "CGI/1.1")
	}
	if v.Get("SCRIPT_NAME") != "" || v.Get("PATH_INFO") != "" {
		return
	}
	path, ok := targetPath(v.Get("REQUEST_URI"))
	if !ok {
		return
	}
	script, info := split(path, strings.TrimSuffix(mount, "/"))
	v.Set("SCRIPT_NAME", script)
	v.Set("PATH_INFO", info)
}

// targetPath returns the decoded path of a request target in origin form.
func targetPath(target string) (path string, ok bool) {
	if !strings.HasPrefix(target, "/") {
		return "", false
	}
	path, _, _ = strings.Cut(target, "?")
	path, err := url.PathUnescape(path)
	return path, err == nil
}

// split cuts path behind mount, where mount ends at a slash of it.
func split(path, mount string) (script, info string) {
	if info, ok := strings.CutPrefix(path, mount); ok && (info == "" || info[0] == '/') {
		return mount, info
	}
	return "", path
}

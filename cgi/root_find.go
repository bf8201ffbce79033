//go:build unix

package cgi

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

// byServer finds the program by the variables of a web server, as fcgiwrap does.
func (v *invocation) byServer(d *Root) error {
	v.dir = v.vars.Get("FCGI_CHDIR")
	if v.dir == "-" {
		v.dir = "."
	}
	file, root := v.vars.Get("SCRIPT_FILENAME"), v.vars.Get("DOCUMENT_ROOT")
	switch {
	case file != "" && !filepath.IsAbs(file):
		return refuse(http.StatusForbidden, "SCRIPT_FILENAME %q is not absolute", file)
	case file != "":
		return v.file(file)
	case !filepath.IsAbs(root):
		return refuse(http.StatusForbidden, "DOCUMENT_ROOT %q is not absolute", root)
	}
	script := v.vars.Get("SCRIPT_NAME")
	n, err := d.programEnd(root, script)
	if err != nil {
		return err
	}
	v.path = filepath.Clean(root + script[:n])
	if n < len(script) {
		v.vars.Set("SCRIPT_NAME", script[:n])
		v.pathInfo(root, script[n:])
	}
	return nil
}

// file takes the name as it is.
func (v *invocation) file(name string) error {
	v.path = filepath.Clean(name)
	if strings.HasSuffix(name, "/") {
		return refuse(http.StatusForbidden, "%s is a directory", name)
	}
	return nil
}

// below finds the program by the path of the request: dir takes the place of mount in it.
func (v *invocation) below(d *Root, dir, mount, path string) error {
	rest := path[len(mount):]
	if !strings.HasPrefix(rest, "/") {
		return refuse(http.StatusNotFound, "path %q names no program", path)
	}
	n, err := d.programEnd(dir, rest)
	if err != nil {
		return err
	}
	v.path = filepath.Clean(dir + rest[:n])
	v.vars.Set("DOCUMENT_ROOT", dir)
	v.vars.Set("SCRIPT_NAME", mount+rest[:n])
	v.vars.Set("SCRIPT_FILENAME", v.path)
	v.pathInfo(dir, rest[n:])
	return nil
}

func (v *invocation) pathInfo(root, info string) {
	v.vars.Set("PATH_INFO", info)
	setTranslated(v.vars, root)
}

// programEnd returns the length of the first part of path that is a file when it comes after root. A segment ".." is missing: who knows
// where it leads has resolved it before. The status is that of a directory or of a missing file when there is none, unless that is outside.
func (d *Root) programEnd(root, path string) (int, error) {
	for end := 0; end < len(path); {
		end = segmentEnd(path, end)
		name := root + path[:end]
		if strings.HasSuffix(name, "/..") {
			return 0, refuse(http.StatusNotFound, "%s: no way up", name)
		}
		info, err := os.Stat(filepath.Clean(name))
		switch {
		case err != nil && d.escapes(filepath.Clean(name)):
			return 0, d.outside(name)
		case errors.Is(err, fs.ErrPermission):
			return 0, refuse(http.StatusForbidden, "%w", err)
		case err != nil:
			return 0, refuse(http.StatusNotFound, "%w", err)
		case !info.IsDir():
			return end, nil
		}
	}
	return 0, refuse(http.StatusForbidden, "%s%s is a directory", root, path)
}

// segmentEnd returns where the segment of path that begins at or after a slash at from ends.
func segmentEnd(path string, from int) int {
	if i := strings.IndexByte(path[from+1:], '/'); i >= 0 {
		return from + 1 + i
	}
	return len(path)
}

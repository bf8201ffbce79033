//go:build unix

package cgi

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"path/filepath"
	"strings"
)

// confine refuses a program outside Dir or not in Allow.
//
// Between this and its start, who may write to a directory on the way to the program can put another one there. That opens no way that is
// not open already: the one who can do so can put a program of their own into Dir, and into a directory of Allow if it is that which
// they write to.
func (d *Root) confine(v *invocation) error {
	if d.Dir == "" {
		return refuse(http.StatusInternalServerError, "no directory of programs")
	}
	dir := absolute(d.Dir)
	realDir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return refuse(http.StatusInternalServerError, "directory of programs: %w", err)
	}
	realPath, err := filepath.EvalSymlinks(v.path)
	switch {
	case err == nil && !within(realPath, realDir), err != nil && !within(v.path, dir) && !within(v.path, realDir):
		return refuse(http.StatusForbidden, "%s is not below %s", v.path, d.Dir)
	case errors.Is(err, fs.ErrPermission):
		return refuse(http.StatusForbidden, "%s: %w", v.path, err)
	case err != nil:
		return refuse(http.StatusNotFound, "%s: %w", v.path, err)
	case len(d.Allow) == 0:
		return nil
	}
	if !within(v.path, dir) {
		v.path = filepath.Join(dir, strings.TrimPrefix(realPath, realDir))
	}
	for _, entry := range d.Allow {
		ok, err := allows(dir, entry, v.path, realPath)
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
	}
	return refuse(http.StatusForbidden, "%s is not allowed", v.path)
}

// within says whether name is dir or below it. Both are clean.
func within(name, dir string) bool {
	rest, found := strings.CutPrefix(name, strings.TrimSuffix(dir, "/"))
	return found && (rest == "" || rest[0] == '/')
}

// allows says whether an entry of Allow covers a program, given by its name and by where symbolic links lead.
func allows(dir, entry, name, realName string) (bool, error) {
	if entry == "" { // a variable that somebody forgot to set, and not Dir
		return false, nil
	}
	if !filepath.IsAbs(entry) {
		entry = dir + "/" + entry
	}
	entry = path.Clean(entry)
	fixed := entry
	if i := strings.IndexAny(entry, `*?[\`); i >= 0 {
		ok, err := path.Match(entry, name)
		if err != nil {
			return false, refuse(http.StatusInternalServerError, "pattern %q: %w", entry, err)
		}
		if !ok {
			return false, nil
		}
		fixed = path.Dir(entry[:i] + "x")
	}
	if name == entry {
		return true, nil
	}
	realFixed, err := filepath.EvalSymlinks(fixed)
	return err == nil && within(name, fixed) && within(realName, realFixed), nil
}

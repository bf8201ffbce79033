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

// confine refuses a program outside Dir or not in Allow, and has it run by a name below Dir.
//
// Between this and its start, who may write to a directory below Dir on the way to the program can put another one there. That opens no way
// that is not open already: the one who can do so can put a program of their own into Dir, and into a directory of Allow if it is that which
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
	asked := v.path
	name, realPath, err := resolve(asked, dir, realDir)
	switch {
	case err == nil && !within(realPath, realDir), err != nil && d.escapes(asked):
		return d.outside(asked)
	case errors.Is(err, fs.ErrPermission):
		return refuse(http.StatusForbidden, "%s: %w", asked, err)
	case err != nil:
		return refuse(http.StatusNotFound, "%s: %w", asked, err)
	}
	v.path = name
	if len(d.Allow) == 0 {
		return nil
	}
	if !within(asked, dir) {
		asked = filepath.Join(dir, strings.TrimPrefix(realPath, realDir))
	}
	for _, entry := range d.Allow {
		ok, err := allows(dir, entry, asked, realPath)
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
	}
	return refuse(http.StatusForbidden, "%s is not allowed", asked)
}

// outside refuses what is not below Dir, be it there or not.
func (d *Root) outside(name string) error {
	return refuse(http.StatusForbidden, "%s is not below %s", name, d.Dir)
}

// escapes reports whether what there is of the way to a name, which cannot be followed to its end, leads out of Dir.
func (d *Root) escapes(name string) bool {
	dir, err := filepath.EvalSymlinks(absolute(d.Dir))
	for err == nil && name != "/" {
		name = filepath.Dir(name)
		if there, err := filepath.EvalSymlinks(name); err == nil {
			return !within(there, dir)
		}
	}
	return true
}

// resolve returns the name below dir that a program runs by, and where links lead from there. Links elsewhere on the way to it are followed here once
// and for all: they may be others' to change, or lead a program elsewhere than this process, as those in /proc do.
func resolve(asked, dir, realDir string) (name, realName string, err error) {
	if parent, err := filepath.EvalSymlinks(filepath.Dir(asked)); err == nil && within(parent, realDir) {
		name = filepath.Join(dir, parent[len(realDir):], filepath.Base(asked))
		realName, err = filepath.EvalSymlinks(name)
		return name, realName, err
	}
	realName, err = filepath.EvalSymlinks(asked)
	return filepath.Join(dir, strings.TrimPrefix(realName, realDir)), realName, err
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

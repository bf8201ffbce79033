package env

import "strings"

// ShiftPath moves the first name of PATH_INFO to the end of SCRIPT_NAME and
// returns it (wsgiref.util.shift_path_info). found is false when PATH_INFO
// holds no name any more: it is empty, or was a last "." and is empty now.
//
// Empty segments and "." between slashes are passed over and dropped. The last
// segment counts even when it is empty: a PATH_INFO of "/" gives the name ""
// and a slash at the end of SCRIPT_NAME, so that "/x" and "/x/" can be told
// apart. ".." is a name like any other: a caller who looks names up must not
// let it lead upwards. The new SCRIPT_NAME always begins with the old one. A
// PATH_INFO without its leading slash is read as if it had one.
func (v *Vars) ShiftPath() (name string, found bool) {
	path := v.Get("PATH_INFO")
	if path == "" {
		return "", false
	}
	name, rest := shift(path, isDot)
	v.Set("PATH_INFO", rest)
	if isDot(name) {
		return "", false
	}
	v.Set("SCRIPT_NAME", strings.TrimSuffix(v.Get("SCRIPT_NAME"), "/")+"/"+name)
	return name, true
}

func isDot(segment string) bool {
	return segment == "."
}

// shift cuts the first segment that counts off a path: the first that is
// neither empty nor a dot, or else the last. rest is empty or begins with a
// slash and has no empty segment and no dot but its last.
func shift(path string, dot func(string) bool) (name, rest string) {
	path = strings.TrimPrefix(path, "/")
	for {
		segment, tail, more := strings.Cut(path, "/")
		switch {
		case !more:
			return segment, ""
		case segment != "" && !dot(segment):
			return segment, withoutDots(tail, dot)
		}
		path = tail
	}
}

// withoutDots puts a slash before each segment that counts, and before the last.
func withoutDots(path string, dot func(string) bool) string {
	b := make([]byte, 0, len(path)+1)
	for {
		segment, tail, more := strings.Cut(path, "/")
		if !more || segment != "" && !dot(segment) {
			b = append(append(b, '/'), segment...)
		}
		if !more {
			return string(b)
		}
		path = tail
	}
}

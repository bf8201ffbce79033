package backend

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/postern-go/postern/env"
)

// ErrUnsendable means that a variable of the request cannot be put on the wire.
var ErrUnsendable = errors.New("cannot be sent")

// ErrOutside means that the path of the request is not below the mount point.
var ErrOutside = errors.New("path outside the mount point")

// Vars returns the variables to send for r: a copy of have, the variables that r came with or that were made of it, put right.
//
// With a mount point, which begins with a slash, SCRIPT_NAME is the mount point and PATH_INFO the rest of r.URL.Path; a path that is
// not below it is ErrOutside. With a root, DOCUMENT_ROOT is the root and SCRIPT_FILENAME the root followed by SCRIPT_NAME, or by the
// path when that is empty. CONTENT_LENGTH is r.ContentLength, and missing when that is unknown. HTTP_PROXY is dropped (httpoxy), and
// so are the doubles HTTP_CONTENT_LENGTH and HTTP_CONTENT_TYPE, and HTTP_TRANSFER_ENCODING, whose coding is removed. SERVER_SOFTWARE is postern unless r came with it (RFC 3875, section
// 4.1.17). A NUL in a name or value is ErrUnsendable.
func Vars(have *env.Vars, r *http.Request, mount, root string) (*env.Vars, error) {
	v := have.Clone()
	for name, value := range v.Pairs() {
		if name == "" || strings.IndexByte(name, 0) >= 0 || strings.IndexByte(value, 0) >= 0 {
			return nil, fmt.Errorf("variable %q=%.80q %w", name, value, ErrUnsendable)
		}
	}
	if mount = strings.TrimRight(mount, "/"); mount != "" {
		info, ok := strings.CutPrefix(r.URL.Path, mount)
		if !ok || info != "" && info[0] != '/' {
			return nil, fmt.Errorf("%w %q: %q", ErrOutside, mount, r.URL.Path)
		}
		v.Set("SCRIPT_NAME", mount)
		v.Set("PATH_INFO", info)
	}
	if root != "" {
		name := v.Get("SCRIPT_NAME")
		if name == "" {
			name = r.URL.Path
		}
		v.Set("DOCUMENT_ROOT", root)
		v.Set("SCRIPT_FILENAME", path.Join(root, path.Clean("/"+name)))
	}
	setLength(v, r)
	if v.Get("SERVER_SOFTWARE") == "" {
		v.Set("SERVER_SOFTWARE", "postern")
	}
	for _, name := range []string{"HTTP_PROXY", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING"} {
		v.Del(name)
	}
	return v, nil
}

// setLength says the length of a body (RFC 3875, section 4.1.2). Of none, as of an empty one, SCGI always says 0: that is taken out unless the
// client said so.
func setLength(v *env.Vars, r *http.Request) {
	switch {
	case r.ContentLength < 0, r.ContentLength == 0 && v.Get("CONTENT_LENGTH") == "0" && r.Header["Content-Length"] == nil:
		v.Del("CONTENT_LENGTH")
	case r.ContentLength > 0 || v.Get("CONTENT_LENGTH") != "":
		v.Set("CONTENT_LENGTH", Length(r))
	}
}

// Length is the declared length of the request body in decimal.
func Length(r *http.Request) string { return strconv.FormatInt(r.ContentLength, 10) }

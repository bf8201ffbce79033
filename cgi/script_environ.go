//go:build unix

package cgi

import (
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
)

// defaultPath is the PATH of programs when this process has none.
const defaultPath = "/usr/local/bin:/usr/bin:/bin"

// environ returns the environment of the program for r, whose body has a known length.
func (v *invocation) environ(r *http.Request) []string {
	vars := v.vars
	if !gateway.HasVars(r) && !v.Authorization {
		vars.Del("HTTP_AUTHORIZATION")
		vars.Del("HTTP_PROXY_AUTHORIZATION")
	}
	if r.ContentLength > 0 {
		vars.Set("CONTENT_LENGTH", backend.Length(r))
	}
	v.complete()

	own := v.own()
	var list []string
	for name, value := range vars.All() {
		if _, found := own.Lookup(name); !found && !reserved(name) {
			list = append(list, name+"="+value)
		}
	}
	return append(list, own.Environ()...)
}

// complete adds what a program may rely on (RFC 3875, section 4.1) and some web servers leave out, and takes out what is empty
// where RFC 3875 wants it missing.
func (v *invocation) complete() {
	vars := v.vars
	for _, known := range []env.Var{
		{Name: "GATEWAY_INTERFACE", Value: "CGI/1.1"},
		{Name: "SERVER_SOFTWARE", Value: "postern"},
		{Name: "QUERY_STRING"},
		{Name: "SCRIPT_NAME"},
	} {
		if vars.Get(known.Name) == "" {
			vars.Set(known.Name, known.Value)
		}
	}
	if vars.Get("SCRIPT_FILENAME") == "" {
		vars.Set("SCRIPT_FILENAME", v.path)
	}
	for _, name := range []string{"CONTENT_LENGTH", "CONTENT_TYPE", "PATH_INFO"} {
		if vars.Get(name) == "" {
			vars.Del(name)
		}
	}
}

// setTranslated sets PATH_TRANSLATED to the file that PATH_INFO would name as a path below root, and out of which it does not lead (RFC 3875,
// section 4.1.6). Without PATH_INFO there is none.
func setTranslated(vars *env.Vars, root string) {
	info := vars.Get("PATH_INFO")
	if info == "" {
		vars.Del("PATH_TRANSLATED")
		return
	}
	name := filepath.Join(root, filepath.Clean("/"+info))
	if strings.HasSuffix(info, "/") && name != "/" {
		name += "/"
	}
	vars.Set("PATH_TRANSLATED", name)
}

// reserved says which names no request may set: those that change how the program is loaded or how a shell reads it.
func reserved(name string) bool {
	return name == "PATH" || name == "IFS" || name == "ENV" || strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "BASH_") ||
		strings.ContainsRune(name, '=')
}

// own returns the variables that the program gets with every request.
func (s *Script) own() *env.Vars {
	own := new(env.Vars)
	own.Add("PATH", cmp.Or(os.Getenv("PATH"), defaultPath))
	for _, entry := range s.Env {
		name, value, given := strings.Cut(entry, "=")
		if !given {
			if value, given = os.LookupEnv(name); !given {
				continue
			}
		}
		own.Set(name, value)
	}
	return own
}

// workingDir returns the directory that the program runs in (RFC 3875, section 7.2).
func (v *invocation) workingDir() string {
	if v.dir != "" {
		return v.dir
	}
	return filepath.Dir(v.path)
}

// absolute returns a path that does not depend on the working directory of the program.
func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

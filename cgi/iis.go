package cgi

import (
	"strings"

	"github.com/postern-go/postern/env"
)

// IISPath takes SCRIPT_NAME off the front of PATH_INFO, where IIS repeats it unless its setting allowPathInfo is on (wsgiref's IISCGIHandler).
// It is for the SetupEnviron of an engine behind IIS; elsewhere a path may begin with the name of its script rightly.
//
//	p, err := cgi.Process()
//	…
//	p.Engine.SetupEnviron = cgi.IISPath
func IISPath(v *env.Vars) {
	rest, repeated := strings.CutPrefix(v.Get("PATH_INFO"), v.Get("SCRIPT_NAME"))
	if repeated && (rest == "" || rest[0] == '/') {
		v.Set("PATH_INFO", rest)
	}
}

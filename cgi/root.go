//go:build unix

package cgi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
)

// A Root is an http.Handler that runs the programs below a directory, each request the one that it names. Behind a web server that speaks
// FastCGI it is what fcgiwrap is. Its fields must not change once it is in use.
//
// Where the request came with variables of a web server, the program is SCRIPT_FILENAME, and PATH_INFO is left as it is. Without
// SCRIPT_FILENAME it is DOCUMENT_ROOT followed by SCRIPT_NAME, and without those, or without a web server, Dir followed by the path of
// the request: then the first part of the path that is a file is the program, and what follows it becomes PATH_INFO. A segment ".." names
// nothing there. FCGI_CHDIR is the working directory, and "-" that of this process; without it, it is the directory of the program.
//
// A program that is missing is 404. One that is not executable, a directory, and what is outside Dir or not allowed is 403.
type Root struct {
	// Dir is the directory. Nothing outside it runs, wherever symbolic links lead.
	Dir string

	// Allow, when it is not empty, lists what may run: the path of a program, or of a directory with all that is below it, or a pattern as
	// in path.Match, whose * does not match a slash; absolute, or from Dir. A symbolic link must not lead out of the directory, or
	// the one that a pattern begins with; one that is listed by its own name may.
	Allow []string

	// Script says how the programs run. Its Path and Dir are not used. Its Mount is the prefix of the path of a request that Dir takes the
	// place of.
	Script Script
}

// ServeHTTP runs the program that the request names, as [Script.ServeHTTP] does.
func (d *Root) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	v, err := d.find(r)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		d.Script.logger(r)(err)
		backend.Page(w, refused.status)
	case err != nil:
		d.Script.fail(w, r, fmt.Errorf("cgi: %w", err))
	default:
		d.Script.run(w, r, v)
	}
}

// Close is that of Script.
func (d *Root) Close() error { return d.Script.Close() }

// A refusal is why a request runs no program, with the status that says so.
type refusal struct {
	status int
	error
}

func (e *refusal) Unwrap() error { return e.error }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Errorf("cgi: "+format, args...)}
}

// find returns the program that the request names, with its variables.
func (d *Root) find(r *http.Request) (*invocation, error) {
	named, mount := named(r), ""
	if !named {
		mount = d.Script.Mount
	}
	vars, err := backend.Vars(gateway.Vars(r), r, mount, "")
	if err != nil {
		return nil, err
	}
	v := &invocation{Script: &d.Script, vars: vars}
	if named {
		err = v.byServer(d)
	} else {
		err = v.below(d, absolute(d.Dir), strings.TrimRight(mount, "/"), r.URL.Path)
	}
	if err == nil {
		err = d.confine(v)
	}
	return v, err
}

// named says whether a web server has sent what names the program.
func named(r *http.Request) bool {
	if !gateway.HasVars(r) {
		return false
	}
	vars := gateway.Vars(r)
	return vars.Get("SCRIPT_FILENAME") != "" || vars.Get("DOCUMENT_ROOT") != "" && vars.Get("SCRIPT_NAME") != ""
}

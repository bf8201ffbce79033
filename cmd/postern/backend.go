package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/postern-go/postern/cgi"
)

// backend is the handler that a --to flag names.
func backend(to string, log *slog.Logger) (http.Handler, error) {
	program, isCGI := strings.CutPrefix(to, "cgi:")
	switch {
	case to == "demo:":
		return demoApp(), nil
	case isCGI && filepath.IsAbs(program):
		return cgiBackend(program, log)
	case to == "":
		return nil, usagef("serve: no --to: expected demo: or cgi:/path/to/program")
	}
	return nil, usagef("serve: no back end %q: expected demo: or cgi:/path/to/program, which are those that exist", to)
}

func cgiBackend(program string, log *slog.Logger) (http.Handler, error) {
	file, err := os.Stat(program)
	switch {
	case err != nil:
		return nil, fmt.Errorf("postern: back end: %w: expected a program", err)
	case !file.Mode().IsRegular() || file.Mode().Perm()&0o111 == 0:
		return nil, fmt.Errorf("postern: back end: %q is a file of mode %v: expected a program that may be executed", program, fs.FileMode(file.Mode()))
	}
	return &cgi.Script{Path: program, ErrorLog: log}, nil
}

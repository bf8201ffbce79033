package main

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
)

// backend is the handler that a --to flag names.
func backend(to string, programs *programFlags, log *slog.Logger) (http.Handler, error) {
	program, isCGI := strings.CutPrefix(to, "cgi:")
	switch {
	case to == "demo:":
		return demoApp(), nil
	case isCGI && (program == "" || filepath.IsAbs(program)):
		return programs.handler(program, log)
	case to == "":
		return nil, usagef("serve: no --to: expected demo:, cgi:/path/to/program, or cgi: with --root DIR")
	}
	return nil, usagef("serve: no back end %q: expected demo:, cgi:/path/to/program, or cgi: with --root DIR, which are those that exist", to)
}

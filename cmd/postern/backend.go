package main

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/scgi"
)

// backends are the spellings of --to, as errors show them.
const backends = "demo:, cgi:/path/to/program, cgi: with --root DIR, fastcgi://host:port, fastcgi+unix:///path, the same with scgi or http, or file:/dir"

// backend is the handler that a --to flag names.
func backend(to string, programs *programFlags, log *slog.Logger) (http.Handler, error) {
	kind, rest, _ := strings.Cut(to, ":")
	switch {
	case to == "demo:":
		return demoApp(), nil
	case kind == "cgi" && (rest == "" || filepath.IsAbs(rest)):
		return programs.handler(rest, log)
	case kind == "file":
		return files(rest)
	case isWorker(to):
		return workerBackend(to, programs.root, log)
	case to == "":
		return nil, usagef("serve: no --to: expected %s", backends)
	}
	return nil, usagef("serve: no back end %q: expected %s", to, backends)
}

// isWorker reports whether --to names a server to ask.
func isWorker(to string) bool {
	scheme, _, colon := strings.Cut(to, ":")
	protocol, _, _ := strings.Cut(scheme, "+")
	return colon && (protocol == address.FastCGI || protocol == address.SCGI || protocol == address.HTTP)
}

// workerBackend asks a server. A root is where the files of its programs are, as it sees them.
func workerBackend(to, root string, log *slog.Logger) (http.Handler, error) {
	a, err := address.Parse(to)
	switch {
	case err != nil:
		return nil, usagef("serve: --to: %v", err)
	case a.Network == address.FD:
		return nil, usagef("serve: --to %q: nobody can be asked at a descriptor: expected %s://host:port or %s+unix:///path", to, a.Protocol, a.Protocol)
	case a.Network == address.TCP && strings.HasSuffix(a.Host, ":0"):
		return nil, usagef("serve: --to %q: port 0 is nobody's: expected a port from 1 to 65535", to)
	case root != "" && !filepath.IsAbs(root):
		return nil, usagef("serve: --root %q: expected an absolute path", root)
	}
	switch a.Protocol {
	case address.FastCGI:
		return &fastcgi.Transport{Network: a.Network, Address: a.Host, Root: root, ErrorLog: log}, nil
	case address.SCGI:
		return &scgi.Transport{Network: a.Network, Address: a.Host, Root: root, ErrorLog: log}, nil
	}
	return proxy(a, log), nil
}

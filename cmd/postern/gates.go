package main

import (
	"log/slog"
	"net/http"
	"path/filepath"

	"github.com/postern-go/postern/cgi"
	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/scgi"
)

// gate is one way to the demo application.
type gate struct {
	Name, Path, About string
	handler           http.Handler
}

// workerProtocols are those whose gate is a worker on a unix socket. CGI's is a process for each request.
var workerProtocols = [...]string{address.FastCGI, address.SCGI, address.HTTP}

// worker is the address of a protocol's worker in dir.
func worker(dir, protocol string) address.Address {
	return address.Address{Protocol: protocol, Network: address.Unix, Host: filepath.Join(dir, protocol+".sock")}
}

// asProgram is the variable that makes this command the demo application as a CGI program, which gets no arguments.
const asProgram = "POSTERN_DEMO_PROGRAM"

// newGates are the gates to the workers in dir, and to self as a CGI program.
func newGates(self, dir string, log *slog.Logger) []gate {
	fast, simple := worker(dir, address.FastCGI), worker(dir, address.SCGI)
	plain := proxy(worker(dir, address.HTTP), log)
	plain.Rewrite = passOn
	plain.Transport = dialTransport(worker(dir, address.HTTP))
	return []gate{
		{"CGI", "/cgi/", "a process for each request", &cgi.Script{
			Path: self, Env: []string{asProgram + "=1"}, Mount: "/cgi", ErrorLog: log,
		}},
		{"FastCGI", "/fastcgi/", "a worker on a unix socket", &fastcgi.Transport{
			Network: fast.Network, Address: fast.Host, Mount: "/fastcgi", ErrorLog: log,
		}},
		{"SCGI", "/scgi/", "a service on a unix socket", &scgi.Transport{
			Network: simple.Network, Address: simple.Host, Mount: "/scgi", ErrorLog: log,
		}},
		{"HTTP", "/http/", "the origin server on a unix socket", plain},
	}
}

package cgi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Serve answers the one request that this process was started for by h, over the standard streams, nil being http.DefaultServeMux. It is
// [Process] and [Program.Serve]. It returns nil when the response of h was delivered, and otherwise an error, which should become exit status 1:
// also when the client got an error page in its place.
func Serve(h http.Handler) error {
	p, err := Process()
	if err != nil {
		return err
	}
	return p.Serve(context.Background(), h)
}

// Process returns the Program that this process was started as, to be changed before it serves: its standard streams, its environment, and
// an engine that writes a whole HTTP response when the name of the program begins with "nph-". HTTP_PROXY is removed from the environment of the
// process.
//
// The context of its request ends when SIGTERM arrives and when standard output is closed on the other side, see the package
// documentation. Its Serve leaves the process to the caller, unless the handler ends its goroutine (runtime.Goexit), which may be the only one:
// that ends the process with exit status 1.
//
// A process that no web server started (without GATEWAY_INTERFACE and REQUEST_METHOD) gets an error that says so, and nothing is read.
func Process() (*Program, error) {
	if os.Getenv("GATEWAY_INTERFACE") == "" && os.Getenv("REQUEST_METHOD") == "" {
		return nil, fmt.Errorf("cgi: no request: GATEWAY_INTERFACE and REQUEST_METHOD are not in the environment, since no web server started this program; "+
			"to try it: GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/ %s", strings.Join(os.Args, " "))
	}
	os.Unsetenv("HTTP_PROXY")
	p := &Program{
		Stdin:   os.Stdin,
		Stdout:  stream{os.Stdout, syscall.Stdout},
		Stderr:  stream{os.Stderr, syscall.Stderr},
		Environ: os.Environ(),
		process: true,
		own:     engine(),
	}
	p.Engine = &p.own
	if strings.HasPrefix(filepath.Base(os.Args[0]), "nph-") {
		p.Engine.Origin = true
		p.Engine.ServerSoftware = os.Getenv("SERVER_SOFTWARE")
	}
	return p, nil
}

// leave comes after the response. The process of a handler that did not return has nobody left to end it.
func leave(returned bool) {
	refuseInput()
	if returned {
		return
	}
	if v := recover(); v != nil {
		panic(v)
	}
	os.Exit(1)
}

// refuseInput tells a web server that connects standard input by a socket, as Apache's mod_cgid does, that the rest of the body is not wanted. A
// process that just ends resets the socket, and the web server then drops the response as well.
func refuseInput() {
	if syscall.Shutdown(syscall.Stdin, syscall.SHUT_RD) == nil {
		io.Copy(io.Discard, os.Stdin)
	}
}

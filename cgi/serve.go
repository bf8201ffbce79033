package cgi

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Serve answers the one request that this process was started for by h, over the standard streams, nil being http.DefaultServeMux. It returns nil
// when the response of h was delivered, and otherwise an error, which should become exit status 1: also when the client got an error page
// in its place. It never ends the process.
//
// HTTP_PROXY is removed from the environment of the process. The context of the request ends when SIGTERM or SIGPIPE arrives and when standard
// output is closed on the other side. That is noticed once the handler waits for it or has run for a millisecond; until then SIGTERM ends
// the process.
//
// A process that no web server started (without GATEWAY_INTERFACE and REQUEST_METHOD) gets an error that says so, and nothing is read.
func Serve(h http.Handler) error {
	if os.Getenv("GATEWAY_INTERFACE") == "" && os.Getenv("REQUEST_METHOD") == "" {
		return fmt.Errorf("cgi: no request: GATEWAY_INTERFACE and REQUEST_METHOD are not in the environment, since no web server started this program; "+
			"to try it: REQUEST_METHOD=GET PATH_INFO=/ %s", os.Args[0])
	}
	os.Unsetenv("HTTP_PROXY")
	ctx, noticed := signals()
	p := &Program{
		Stdin:   os.Stdin,
		Stdout:  stream{os.Stdout, syscall.Stdout},
		Stderr:  stream{os.Stderr, syscall.Stderr},
		Environ: os.Environ(),
		Engine:  NewEngine(),
		sources: []source{noticed},
	}
	if strings.HasPrefix(filepath.Base(os.Args[0]), "nph-") {
		p.Engine.Origin = true
		p.Engine.ServerSoftware = os.Getenv("SERVER_SOFTWARE")
	}
	defer refuseInput()
	return p.Serve(ctx, h)
}

// refuseInput tells a web server that connects standard input by a socket, as Apache's mod_cgid does, that the rest of the body is not wanted. A
// process that just ends resets the socket, and the web server then drops the response as well.
func refuseInput() {
	if syscall.Shutdown(syscall.Stdin, syscall.SHUT_RD) == nil {
		io.Copy(io.Discard, os.Stdin)
	}
}

package postern

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/postern-go/postern/gateway"
)

// Serve serves h on whatever the process was started with, the address auto, and never exits the process. It blocks, and returns nil after
// a drain (SIGTERM, SIGINT or SIGHUP) or a delivered CGI response, otherwise an error. A nil h is http.DefaultServeMux.
func Serve(h http.Handler) error {
	return ListenAndServe("auto", h)
}

// ListenAndServe is Serve on the address addr.
func ListenAndServe(addr string, h http.Handler) error {
	return (&Server{Addrs: []string{addr}, Handler: h}).Run(context.Background())
}

// Main is Serve and the end of the process: exit status 0 after a drain or a delivered response, otherwise 1 with the error
// as one line on standard error, unless the request has said there already what was wrong with it. It does not return.
func Main(h http.Handler) {
	os.Exit(exitStatus(Serve(h), os.Stderr))
}

func exitStatus(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if !reported(err) {
		fmt.Fprintln(stderr, err)
	}
	return 1
}

// reported tells the outcomes of a CGI request that its error stream, which is standard error, has had from the engine, or that a handler
// wants nothing said of.
func reported(err error) bool {
	for _, outcome := range []error{gateway.ErrBadRequest, gateway.ErrPanic, gateway.ErrAborted, gateway.ErrShortBody} {
		if errors.Is(err, outcome) {
			return true
		}
	}
	return false
}

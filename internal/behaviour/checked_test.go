package behaviour

import (
	"net/http"
	"testing"

	"github.com/postern-go/postern/validate"
)

// TestNetHTTPChecked shows that validate is transparent: a handler under it can do the same, and its client gets the same, but for one
// thing.
func TestNetHTTPChecked(t *testing.T) {
	Test(t, NetHTTP().Behind(checked), Deviation{
		Row: "http.MaxBytesReader", Why: "it asks for the close by a method that no ResponseWriter outside net/http can have", Want: `
413 Request Entity Too Large
Content-Length: 10
Content-Type: text/plain; charset=utf-8
X-Content-Type-Options: nosniff
body "too large\n"
> "hel"
> read all: http: request body too large
`})
}

func checked(h http.Handler) http.Handler {
	return validate.Handler(h, validate.Options{Level: validate.Strict, Report: func(validate.Finding) {}})
}

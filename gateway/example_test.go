package gateway_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// A gateway of one's own: the engine over streams and variables.
func ExampleEngine_Run() {
	var out strings.Builder
	x := &gateway.Streams{
		Input:  strings.NewReader("name=tea"),
		Output: &out,
		Errors: os.Stderr,
		Environ: env.Parse([]string{
			"REQUEST_METHOD=POST", "REQUEST_URI=/order", "CONTENT_LENGTH=8",
			"CONTENT_TYPE=application/x-www-form-urlencoded",
		}),
	}
	err := new(gateway.Engine).Run(context.Background(), x, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(w, "One %s coming up.\n", r.FormValue("name"))
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(strings.ReplaceAll(out.String(), "\r", ""))
	// Output:
	// Status: 200 OK
	// Content-Type: text/plain
	// Content-Length: 19
	//
	// One tea coming up.
}

// An error page that tells the client nothing but a number to ask with.
func ExampleEngine_errorHandler() {
	e := &gateway.Engine{
		ErrorHandler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			io.WriteString(w, "Sorry. Quote number 42.")
		}),
		LogPanic: func(r *http.Request, value any, stack []byte) {
			fmt.Println("42:", r.URL.Path, value)
		},
	}
	var out strings.Builder
	x := &gateway.Streams{Output: &out, Environ: env.Parse([]string{"REQUEST_METHOD=GET", "REQUEST_URI=/tea"})}
	e.Run(context.Background(), x, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("the kettle is empty")
	}))
	fmt.Print(strings.ReplaceAll(out.String(), "\r", ""))
	// Output:
	// 42: /tea the kettle is empty
	// Status: 500 Internal Server Error
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 23
	//
	// Sorry. Quote number 42.
}

// A server behind a proxy that is trusted to say how the client came.
func ExampleEngine_scheme() {
	e := &gateway.Engine{Scheme: func(v *env.Vars) string { return v.Get("HTTP_X_FORWARDED_PROTO") }}
	x := &gateway.Streams{Environ: env.Parse([]string{
		"REQUEST_METHOD=GET", "REQUEST_URI=/", "HTTP_HOST=example.com", "HTTP_X_FORWARDED_PROTO=https",
	})}
	e.Run(context.Background(), x, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(gateway.Scheme(r), r.TLS != nil)
	}))
	// Output:
	// https true
}

// An application does not care where it is mounted.
func ExampleStripMount() {
	app := gateway.StripMount(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s below %s", r.URL.Path, gateway.Mount(r))
	}))
	var out strings.Builder
	x := &gateway.Streams{Output: &out, Environ: env.Parse([]string{
		"REQUEST_METHOD=GET", "REQUEST_URI=/shop/cart", "SCRIPT_NAME=/shop", "PATH_INFO=/cart"})}
	if err := new(gateway.Engine).Run(context.Background(), x, app); err != nil {
		log.Fatal(err)
	}
	fmt.Print(strings.ReplaceAll(out.String(), "\r", ""))
	// Output:
	// Status: 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 17
	//
	// /cart below /shop
}

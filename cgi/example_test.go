package cgi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/postern-go/postern/cgi"
)

func ExampleProgram() {
	greet := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "Hello, %s!\n", name)
	})
	var stdout bytes.Buffer
	p := &cgi.Program{
		Stdin:   strings.NewReader("World, and what is beyond CONTENT_LENGTH"),
		Stdout:  &stdout,
		Environ: []string{"GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=POST", "REQUEST_URI=/greet", "CONTENT_LENGTH=5"},
	}
	if err := p.Serve(context.Background(), greet); err != nil {
		fmt.Println(err)
	}
	fmt.Print(strings.ReplaceAll(stdout.String(), "\r\n", "\n"))
	// Output:
	// Status: 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 14
	//
	// Hello, World!
}

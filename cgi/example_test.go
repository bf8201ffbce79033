package cgi_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
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

// A program in any language answers requests, here one for the shell.
func ExampleScript() {
	dir, err := os.MkdirTemp("", "cgi")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "hello.cgi")
	text := "#!/bin/sh\nprintf 'Content-Type: text/plain\\n\\n'\necho \"Hello from $SCRIPT_NAME to $PATH_INFO\"\n"
	if err := os.WriteFile(program, []byte(text), 0o700); err != nil {
		fmt.Println(err)
		return
	}

	script := &cgi.Script{Path: program, Mount: "/cgi-bin/hello"}
	w := httptest.NewRecorder()
	script.ServeHTTP(w, httptest.NewRequest("GET", "/cgi-bin/hello/World", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Print(w.Body)
	// Output:
	// 200 text/plain
	// Hello from /cgi-bin/hello to /World
}

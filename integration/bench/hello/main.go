package main

import (
	"io"
	"net/http"

	"github.com/postern-go/postern"
)

func main() {
	postern.Main(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "Hello, World!")
	}))
}

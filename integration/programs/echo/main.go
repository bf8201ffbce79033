package main

import (
	"fmt"
	"io"
	"net/http"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/gateway"
)

func main() {
	postern.Main(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("X-Language", "Go")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, "%s %s %s\n%s", r.Method, gateway.Vars(r).Get("PATH_INFO"), r.URL.RawQuery, body)
	}))
}

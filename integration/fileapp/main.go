package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/integration/testapp/app"
)

func main() {
	listen := flag.String("listen", "auto", "the `address` to serve")
	ready := flag.String("ready", "", "a `file` to write the address to once it is open")
	path := flag.String("file", "", "the `file` to serve")
	flag.Parse()
	s := postern.Server{Addrs: []string{*listen}, Handler: handler(*path)}
	if *ready != "" {
		s.Listening = func(addr string) {
			if err := app.Mark(*ready, []byte(addr)); err != nil {
				panic(err)
			}
		}
	}
	if err := s.Run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func handler(path string) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/content", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, path) })
	routes.HandleFunc("/copy", func(w http.ResponseWriter, _ *http.Request) { copyFile(w, path) })
	return routes
}

func copyFile(w http.ResponseWriter, path string) {
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Length", strconv.FormatInt(info.Size(), 10))
	if _, err := io.Copy(w, f); err != nil {
		panic(err)
	}
}

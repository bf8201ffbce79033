package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/fcgi"
	"os"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/integration/bench/floor"
	"github.com/postern-go/postern/origin"
	"github.com/postern-go/postern/scgi"

	postern "github.com/postern-go/postern/cgi"
)

// servers are the servers by name.
var servers = map[string]func(l net.Listener, h http.Handler) error{
	"fastcgi": func(l net.Listener, h http.Handler) error { return (&fastcgi.Server{Handler: h}).Serve(l) },
	"scgi":    func(l net.Listener, h http.Handler) error { return (&scgi.Server{Handler: h}).Serve(l) },
	"origin":  func(l net.Listener, h http.Handler) error { return (&origin.Server{Handler: h}).Serve(l) },
	"floor":   floor.Serve,
	"fcgi":    func(l net.Listener, h http.Handler) error { return fcgi.Serve(l, h) },
	"http":    http.Serve,
	"script": func(l net.Listener, _ http.Handler) error {
		return (&fastcgi.Server{Handler: &postern.Script{Path: os.Getenv("SCRIPT")}}).Serve(l)
	},
	"cgi": func(l net.Listener, _ http.Handler) error {
		return http.Serve(l, &cgi.Handler{Path: os.Getenv("SCRIPT")})
	},
}

// main has the arguments SERVER NETWORK ADDRESS.
func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "worker:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 3 || servers[args[0]] == nil {
		return fmt.Errorf("want a server, a network and an address, got %q", args)
	}
	l, err := net.Listen(args[1], args[2])
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- servers[args[0]](l, handler{}) }()
	go func() { failed <- control(os.Stdin, os.Stdout) }()
	return <-failed
}

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/integration/testapp/app"
)

const (
	exitFailure = 1
	exitUsage   = 2
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv("GATEWAY_INTERFACE") != "", os.Stderr))
}

func run(args []string, underCGI bool, stderr io.Writer) int {
	if underCGI {
		args = nil
	}
	o, err := parse(args, stderr)
	if err != nil {
		return exitUsage
	}
	if err := o.serve(); err != nil {
		fmt.Fprintln(stderr, err)
		return exitFailure
	}
	return 0
}

type options struct {
	listen, ready string
}

// parse has written the reason to stderr when it returns an error.
func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	set := flag.NewFlagSet("testapp", flag.ContinueOnError)
	set.SetOutput(stderr)
	set.StringVar(&o.listen, "listen", "auto", "the `address` to serve, such as fastcgi://127.0.0.1:9000")
	set.StringVar(&o.ready, "ready", "", "a `file` to write the address to once it is open")
	if err := set.Parse(args); err != nil {
		return options{}, err
	}
	if set.NArg() > 0 {
		err := fmt.Errorf("testapp: unexpected argument %q", set.Arg(0))
		fmt.Fprintln(stderr, err)
		return options{}, err
	}
	return o, nil
}

func (o options) serve() error {
	s := postern.Server{
		Addrs:      []string{o.listen},
		Handler:    app.Handler(),
		Authorizer: app.Authorizer(),
		Filter:     app.Handler(),
	}
	if o.ready != "" {
		s.Listening = o.writeReady
	}
	return s.Run(context.Background())
}

func (o options) writeReady(addr string) {
	if err := app.Mark(o.ready, []byte(addr)); err != nil {
		panic(err)
	}
}

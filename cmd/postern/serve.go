package main

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/validate"
)

func serve(args []string, stdout, stderr io.Writer) error {
	var (
		f        = newFlags("serve", serveUsage)
		listen   listFlag
		to       string
		programs programFlags
		mode     modeFlag
		owner    string
		check    validateFlag
	)
	f.Var(&listen, "listen", "")
	f.StringVar(&to, "to", "", "")
	f.Var(&mode, "socket-mode", "")
	f.StringVar(&owner, "socket-owner", "", "")
	f.Var(&check, "validate", "")
	programs.define(f)
	if done, err := f.parse(args, stdout); done || err != nil {
		return err
	}
	if err := checkListen(listen); err != nil {
		return err
	}
	if err := programs.check(f, to); err != nil {
		return err
	}
	log := f.log.logger(stderr)
	handler, err := backend(to, &programs, log)
	if err != nil {
		return err
	}
	server := postern.Server{
		Addrs:       listen,
		Handler:     check.handler(handler, log),
		ErrorLog:    log,
		SocketMode:  fs.FileMode(mode),
		SocketOwner: owner,
		Listening:   func(addr string) { log.Info("listening", "address", addr) },
	}
	return server.Run(context.Background())
}

// handler is h under the checker, if that is wanted.
func (v validateFlag) handler(h http.Handler, log *slog.Logger) http.Handler {
	if !v.on {
		return h
	}
	return validate.Handler(h, validate.Options{Level: v.level, Report: validate.ToLog(log)})
}

// checkListen finds mistakes in the addresses before anything is opened.
func checkListen(listen []string) error {
	if len(listen) == 0 {
		return usagef("serve: no --listen: expected an address such as fastcgi+unix:///run/app.sock, or auto")
	}
	for _, addr := range listen {
		if _, err := address.Parse(addr); err != nil {
			return usagef("serve: %v", err)
		}
	}
	return nil
}

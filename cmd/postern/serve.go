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
		to       onceFlag
		programs programFlags
		mode     modeFlag
		owner    string
		check    validateFlag
		allow    allowFlag
		conns    countFlag
		requests countFlag
		body     sizeFlag
	)
	f.Var(&listen, "listen", "")
	f.Var(&to, "to", "")
	f.Var(&mode, "socket-mode", "")
	f.StringVar(&owner, "socket-owner", "", "")
	f.Var(&check, "validate", "")
	f.Var(&allow, "allow", "")
	f.Var(&conns, "max-conns", "")
	f.Var(&requests, "max-requests", "")
	f.Var(&body, "max-body", "")
	programs.define(f)
	if done, err := f.parse(args, stdout); done || err != nil {
		return err
	}
	if err := checkListen(listen); err != nil {
		return err
	}
	if err := programs.check(f, to.value); err != nil {
		return err
	}
	log := f.log.logger(stderr)
	handler, err := backend(to.value, &programs, log)
	if err != nil {
		return err
	}
	server := postern.Server{
		Addrs:       listen,
		Handler:     check.handler(handler, log),
		ErrorLog:    log,
		SocketMode:  fs.FileMode(mode),
		SocketOwner: owner,
		AllowAddrs:  allow.addrs, AllowUIDs: allow.uids, AllowGIDs: allow.gids,
		MaxConns: int(conns), MaxTotalRequests: int(requests), MaxBodyBytes: int64(body),
		Listening: func(addr string) { log.Info("listening", "address", addr) },
	}
	err = server.Run(context.Background())
	if programs, ok := handler.(io.Closer); ok {
		programs.Close()
	}
	return err
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
		a, err := address.Parse(addr)
		switch {
		case err != nil:
			return usagef("serve: %v", err)
		case a.Protocol == address.CGI && len(listen) > 1:
			return usagef("serve: --listen cgi: answers one request on stdio: expected no other --listen beside it")
		}
	}
	return nil
}

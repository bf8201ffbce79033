package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/postern-go/postern"
	"github.com/postern-go/postern/internal/address"
)

func demo(args []string, stdout, stderr io.Writer) error {
	f := newFlags("demo", demoUsage)
	listen := f.String("listen", "127.0.0.1:8080", "")
	if done, err := f.parse(args, stdout); done || err != nil {
		return err
	}
	front, err := frontAddress(*listen)
	if err != nil {
		return err
	}
	ctx, stop := untilSignal()
	defer stop()
	dir, err := os.MkdirTemp("", "postern-demo-")
	if err != nil {
		return fmt.Errorf("postern: demo: %w", err)
	}
	defer os.RemoveAll(dir)
	return runDemo(ctx, front, dir, stdout, f.log.logger(stderr))
}

// untilSignal makes the signals that end a process end the demo by way of its deferred calls. A reader of its output that goes away does not end it.
func untilSignal() (context.Context, context.CancelFunc) {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	ending := []os.Signal{syscall.SIGTERM, syscall.SIGINT}
	if !signal.Ignored(syscall.SIGHUP) { // as it is under nohup
		ending = append(ending, syscall.SIGHUP)
	}
	return signal.NotifyContext(context.Background(), ending...)
}

// frontAddress reads host:port or an http address.
func frontAddress(listen string) (address.Address, error) {
	if a, err := address.Parse(listen); err == nil && a.Protocol != address.HTTP {
		return a, usagef("demo: address %q: the front door speaks HTTP: expected host:port, or http+unix:///path", listen)
	}
	if !strings.HasPrefix(listen, "http:") && !strings.HasPrefix(listen, "http+") {
		listen = "http://" + listen
	}
	a, err := address.Parse(listen)
	switch {
	case err != nil:
		return a, usagef("demo: %v", err)
	case a.Network == address.FD:
		return a, usagef("demo: address %q: a descriptor has no address to show: expected host:port, or http+unix:///path", listen)
	}
	return a, nil
}

// runDemo serves until ctx ends. The front door drains first and the workers after it, so that no request loses its gate.
func runDemo(ctx context.Context, listen address.Address, dir string, stdout io.Writer, log *slog.Logger) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("postern: demo: %w", err)
	}
	ctx, stopDoor := context.WithCancel(ctx)
	defer stopDoor()
	stopWorkers, err := startWorkers(dir, log, stopDoor)
	if err != nil {
		return err
	}
	err = serveDoor(ctx, listen, newDoor(newGates(self, dir, log)), stdout, log)
	if e := stopWorkers(); err == nil {
		err = e
	}
	return err
}

// startWorkers serves the demo application over each protocol that has a worker, and returns when all are open. If the workers end by themselves
// they call failed. stop ends them and returns their error.
func startWorkers(dir string, log *slog.Logger, failed func()) (stop func() error, err error) {
	open := make(chan struct{}, len(workerProtocols))
	server := postern.Server{
		Handler:   demoApp(),
		ErrorLog:  log,
		DrainTime: time.Second,
		Listening: func(string) { open <- struct{}{} },
	}
	for _, protocol := range workerProtocols {
		server.Addrs = append(server.Addrs, worker(dir, protocol).String())
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		defer failed()
		ended <- server.Serve(ctx)
	}()
	for range workerProtocols {
		select {
		case <-open:
		case err := <-ended:
			cancel()
			return nil, err
		}
	}
	return func() error { cancel(); return <-ended }, nil
}

func serveDoor(ctx context.Context, listen address.Address, d *door, stdout io.Writer, log *slog.Logger) error {
	server := postern.Server{
		Addrs:     []string{listen.String()},
		Handler:   d,
		ErrorLog:  log,
		DrainTime: 10 * time.Second,
		Listening: func(addr string) {
			at, _ := address.Parse(addr)
			d.open(at)
			d.greet(stdout)
		},
	}
	err := server.Run(ctx)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w: expected a free address, choose one with --listen", err)
	}
	return err
}

// greet says where to look, in one write.
func (d *door) greet(stdout io.Writer) {
	base := "http://" + d.at.Host
	if d.at.Network == address.Unix {
		base = d.curl("")
	}
	text := fmt.Sprintf("%s/  every gate side by side\n", base)
	for _, g := range d.gates {
		text += fmt.Sprintf("%s%s  %s: %s\n", base, g.Path, g.Name, g.About)
	}
	io.WriteString(stdout, text+"ctrl-c ends it and removes everything\n")
}

package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/cgi"
)

// programFlags say how CGI programs run.
type programFlags struct {
	root          string
	allow, env    listFlag
	authorization bool
	processes     int
	queue         int
	timeout       time.Duration
	spool         sizeFlag
	stderr        stderrFlag
}

// defaultSpool is that of cgi.Script, in bytes.
const defaultSpool = 256 << 20

// rootOnly are the flags that go with --root.
var rootOnly = []string{"allow-program"}

func (p *programFlags) define(f *flags) {
	f.StringVar(&p.root, "root", "", "")
	f.Var(&p.allow, "allow-program", "")
	f.Var(&p.env, "env", "")
	f.BoolVar(&p.authorization, "pass-authorization", false, "")
	f.IntVar(&p.processes, "max-processes", 100, "")
	f.IntVar(&p.queue, "max-queue", 1000, "")
	f.DurationVar(&p.timeout, "program-timeout", time.Minute, "")
	p.spool = defaultSpool
	f.Var(&p.spool, "max-spool", "")
	f.Var(&p.stderr, "stderr", "")
}

// check finds flags that mean nothing for the back end.
func (p *programFlags) check(f *flags, to string) error {
	own := newFlags("", "")
	(&programFlags{}).define(own)
	var err error
	f.Visit(func(set *flag.Flag) {
		switch {
		case own.Lookup(set.Name) == nil || set.Name == "log":
		case set.Name == "root" && isWorker(to) && !strings.HasPrefix(to, "http"):
		case !strings.HasPrefix(to, "cgi:"):
			err = usagef("serve: --%s says nothing about %q: expected it with --to cgi:", set.Name, to)
		case p.root == "" && slices.Contains(rootOnly, set.Name):
			err = usagef("serve: --%s without --root: expected the directory of the programs", set.Name)
		}
	})
	return err
}

// handler runs the program that --to names, or those below --root.
func (p *programFlags) handler(program string, log *slog.Logger) (http.Handler, error) {
	switch {
	case program != "" && p.root != "":
		return nil, usagef("serve: --to cgi:%s and --root: expected one of them", program)
	case p.root != "":
		return p.rootHandler(log)
	case program == "":
		return nil, usagef("serve: --to cgi: without a program: expected cgi:/path/to/program, or --root DIR")
	}
	file, err := os.Stat(program)
	switch {
	case err != nil:
		return nil, fmt.Errorf("postern: back end: %w: expected a program", err)
	case !file.Mode().IsRegular() || file.Mode().Perm()&0o111 == 0:
		return nil, fmt.Errorf("postern: back end: %q is a file of mode %v: expected a program that may be executed", program, fs.FileMode(file.Mode()))
	}
	h := new(cgi.Script)
	p.fill(h, log)
	h.Path = program
	return h, nil
}

func (p *programFlags) rootHandler(log *slog.Logger) (http.Handler, error) {
	if !filepath.IsAbs(p.root) {
		return nil, usagef("serve: --root %q: expected an absolute path", p.root)
	}
	for _, pattern := range p.allow {
		if pattern == "" {
			return nil, usagef("serve: --allow-program \"\": expected a path, or a pattern such as *.cgi")
		}
		if _, err := path.Match(pattern, ""); err != nil {
			return nil, usagef("serve: --allow-program %q: %v: expected a path, or a pattern such as *.cgi", pattern, err)
		}
	}
	if file, err := os.Stat(p.root); err != nil {
		return nil, fmt.Errorf("postern: back end: %w: expected a directory", err)
	} else if !file.IsDir() {
		return nil, fmt.Errorf("postern: back end: %q is a file: expected a directory", p.root)
	}
	h := &cgi.Root{Dir: p.root, Allow: p.allow}
	p.fill(&h.Script, log)
	return h, nil
}

// fill sets what is the same for every program.
func (p *programFlags) fill(s *cgi.Script, log *slog.Logger) {
	s.Env, s.Authorization = p.env, p.authorization
	s.MaxProcesses, s.MaxQueue, s.Timeout = cmp.Or(p.processes, -1), cmp.Or(p.queue, -1), cmp.Or(p.timeout, -1) // 0 is none
	s.SpoolLimit = cmp.Or(int64(p.spool), -1)
	if !p.stderr.toServer {
		s.ErrorLog = log
	}
}

// stderrFlag is where standard error of programs goes. The zero value is the log.
type stderrFlag struct{ toServer bool }

func (s *stderrFlag) String() string {
	if s.toServer {
		return "server"
	}
	return "log"
}

func (s *stderrFlag) Set(v string) error {
	if v != "log" && v != "server" {
		return errors.New("expected log or server")
	}
	s.toServer = v == "server"
	return nil
}

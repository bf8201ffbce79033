package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/postern-go/postern/integration/bench/client"
)

// A peer is one of the servers that are compared.
type peer struct {
	// protocol is what it speaks.
	protocol string
	// open starts it on a socket for a number of connections at a time.
	open func(s *site, socket string, conns int) (*process, error)
	// script is SCRIPT_FILENAME, below the site's directory; it may be empty.
	script string
	// direct says that it needs no nginx in front.
	direct bool
	// control says that it takes the commands of worker/control.go.
	control bool
}

// peers are all of them by name. A name without a protocol is FastCGI.
var peers = map[string]peer{
	"postern":        {protocol: client.FastCGI, open: worker("fastcgi"), control: true},
	"postern-scgi":   {protocol: client.SCGI, open: worker("scgi"), control: true},
	"postern-origin": {protocol: client.HTTP, open: worker("origin"), control: true},
	"postern-script": {protocol: client.FastCGI, open: worker("script"), control: true},
	"postern-serve":  {protocol: client.FastCGI, open: command, script: "hello.cgi"},
	"floor":          {protocol: client.FastCGI, open: worker("floor"), control: true},
	"net/http":       {protocol: client.HTTP, open: worker("http"), control: true},
	"net/http/fcgi":  {protocol: client.FastCGI, open: worker("fcgi"), control: true},
	"net/http/cgi":   {protocol: client.HTTP, open: worker("cgi"), control: true},
	"libfcgi":        {protocol: client.FastCGI, open: libfcgi},
	"php-fpm":        {protocol: client.FastCGI, open: phpFPM, script: "hello.php"},
	"uwsgi":          {protocol: client.SCGI, open: uwsgi()},
	"uwsgi-no-log":   {protocol: client.SCGI, open: uwsgi("--disable-logging")},
	"fcgiwrap":       {protocol: client.FastCGI, open: fcgiwrap, script: "hello.cgi"},
	"lighttpd":       {protocol: client.HTTP, open: lighttpd, direct: true},
}

// programs are those that cgi-start runs.
var programs = map[string]string{"postern-cgi": "hello", "least-go": "least", "c-cgi": "hello.cgi"}

// worker starts the program of directory worker.
func worker(server string) func(*site, string, int) (*process, error) {
	return func(s *site, socket string, conns int) (*process, error) {
		env := []string{"FILE=" + s.path("file"), "SCRIPT=" + s.path("hello.cgi")}
		return ready(start(s.log, env, s.path("worker"), server, "unix", socket))
	}
}

func libfcgi(s *site, socket string, conns int) (*process, error) {
	return ready(start(s.log, nil, s.path("libfcgi"), socket, strconv.Itoa(max(conns, 1)+1)))
}

// ready waits for the first line of a process.
func ready(p *process, err error) (*process, error) {
	if err == nil {
		if _, err = p.ask(""); err != nil {
			p.stop()
		}
	}
	return p, err
}

func phpFPM(s *site, socket string, conns int) (*process, error) {
	found, _ := filepath.Glob("/usr/sbin/php-fpm*")
	if len(found) == 0 {
		return nil, fmt.Errorf("no php-fpm in /usr/sbin")
	}
	conf := fmt.Sprintf("[global]\nerror_log = %s\ndaemonize = no\n[www]\nlisten = %s\nlisten.backlog = 4096\n"+
		"pm = static\npm.max_children = %d\n", s.path("php.log"), socket, max(conns, 1))
	if os.Getuid() == 0 {
		conf += "user = root\ngroup = root\n"
	}
	if err := s.write("php-fpm.conf", conf); err != nil {
		return nil, err
	}
	args := []string{"-F", "-n", "-y", s.path("php-fpm.conf")}
	if os.Getuid() == 0 {
		args = append(args, "-R")
	}
	return listening(socket)(start(s.log, nil, found[len(found)-1], args...))
}

// uwsgi notes every request in its log unless it is told not to.
func uwsgi(more ...string) func(*site, string, int) (*process, error) {
	return func(s *site, socket string, conns int) (*process, error) {
		args := append([]string{"--plugin", "python3", "--scgi-socket", socket, "--wsgi-file", s.path("hello.py"), "--master",
			"--processes", "2", "--listen", "1024", "--die-on-term", "--need-app"}, more...)
		return listening(socket)(start(s.log, nil, "uwsgi-core", args...))
	}
}

func fcgiwrap(s *site, socket string, conns int) (*process, error) {
	return listening(socket)(start(s.log, nil, "fcgiwrap", "-c", strconv.Itoa(max(conns, 1)), "-s", "unix:"+socket))
}

// command starts the command in the place of fcgiwrap.
func command(s *site, socket string, conns int) (*process, error) {
	return listening(socket)(start(s.log, nil, s.path("postern"), "serve", "--listen", "fastcgi+unix://"+socket, "--to", "cgi:", "--root", s.dir))
}

func lighttpd(s *site, socket string, conns int) (*process, error) {
	conf := fmt.Sprintf("server.document-root = %q\nserver.bind = %q\nserver.max-keep-alive-requests = 1000000\n"+
		"server.modules = (\"mod_cgi\")\ncgi.assign = (\".cgi\" => \"\")\n", s.path("."), socket)
	if err := s.write("lighttpd.conf", conf); err != nil {
		return nil, err
	}
	return listening(socket)(start(s.log, nil, "/usr/sbin/lighttpd", "-D", "-f", s.path("lighttpd.conf")))
}

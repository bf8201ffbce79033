// Postern joins a web server's gate to what answers behind it.
//
//	postern serve --listen ADDR [--listen ADDR ...] --to BACKEND [flags]
//	postern demo [--listen HOST:PORT]
//	postern version
//
// Serve answers requests that come in at every ADDR, spelled as package postern says, by the one BACKEND: demo: is the demo application,
// cgi:/path/to/program runs a CGI program for every request, and cgi: with --root DIR the one that the request names, as fcgiwrap does
// (see cgi.Root). fastcgi://host:port, fastcgi+unix:///path and the same with scgi or http name a server to ask, file:/dir serves the files below a
// directory, out of which no link leads. Started by a web server or systemd, ADDR is auto.
//
// An HTTP server to ask gets the request as it came, with the X-Forwarded fields for its client in place of those that it may have had. A FastCGI
// worker or an SCGI service gets the variables that the request came with, or those of its HTTP request, and with --root DIR a SCRIPT_FILENAME
// below DIR, which is what php-fpm runs.
//
// With --allow nobody may connect but who is named by an address, a network, a user or a group; the last two are for unix sockets. The
// environment variable FCGI_WEB_SERVER_ADDRS, IP addresses with commas between them, names all that may speak FastCGI: whoever else it is, and every
// peer of a unix socket, is closed (see package postern). --max-conns and --max-requests count at each address by itself.
//
// Programs that still run at the end are ended with it. As process 1 of a container, or as a subreaper, the command runs once more below itself,
// passes signals on to that process, and reaps orphans.
//
// With --validate every exchange is checked on both sides, as package validate says, and each finding is a line of the log with the head of
// the request that caused it; --validate=strict takes the rules of the level Strict, too. The place of a finding about what a program, a worker or
// another server answers is the method and the path, so that each rule is reported once for each of them.
//
// Demo starts the demo application behind each gate, and a front door on http://127.0.0.1:8080 that reaches it over the real protocol under
// /cgi/, /fastcgi/, /scgi/ and /http/. The page at / shows side by side what each gate delivered. It leaves nothing behind.
//
// An error is one line on standard error that says what was wrong and what was expected. The exit status is 0 after a drain (see package postern)
// or a delivered CGI response, 1 after a failure, 2 for a mistake in the command line. postern serve -h lists the flags.
//
// # In place of fcgiwrap
//
// The configuration of the web server stays as it is but for the path of the socket:
//
//	postern serve --listen fastcgi+unix:///run/cgi.sock --to cgi: --root /usr/lib/cgi-bin
//	spawn-fcgi -s /run/cgi.sock -- /usr/local/bin/postern serve --listen auto --to cgi: --root /usr/lib/cgi-bin
//
// fcgiwrap's -s is --listen. Its -c is --max-processes: one process serves all, and starts as many programs at a time. Its -f is --stderr server.
// Its -p is --allow-program, which takes directories and patterns, too. Programs get nothing of the environment of postern but PATH and what
// --env lists. A program that is missing is 404, one that says nothing for --program-timeout is 504, and one whose client leaves is ended.
package main

// Postern joins a web server's gate to what answers behind it.
//
//	postern serve --listen ADDR [--listen ADDR ...] --to BACKEND [flags]
//	postern demo [--listen HOST:PORT]
//	postern version
//
// Serve answers requests that come in at every ADDR, spelled as package postern says, by the one BACKEND: demo: is the demo application,
// cgi:/path/to/program runs a CGI program for every request, and cgi: with --root DIR the one that the request names, as fcgiwrap does
// (see cgi.Root). Started by a web server or systemd, ADDR is auto.
//
// With --validate every exchange is checked on both sides, as package validate says, and each finding is a line of the log with the head of
// the request that caused it; --validate=strict takes the rules of the level Strict, too. The place of a finding about a CGI program is the line that
// passes its answer on, so that each rule is reported once for the program.
//
// Demo starts the demo application behind each gate, and a front door on http://127.0.0.1:8080 that reaches it over the real protocol under
// /cgi/, /fastcgi/, /scgi/ and /http/. The page at / shows side by side what each gate delivered. It leaves nothing behind.
//
// An error is one line on standard error that says what was wrong and what was expected. The exit status is 0 after a drain (see package postern)
// or a delivered CGI response, 1 after a failure, 2 for a mistake in the command line. postern serve -h lists the flags.
package main

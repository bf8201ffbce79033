// Package app is the handler of the test application: one set of paths that tests of every gate and
// every web server talk to. It does what a request asks of it, such as writing the files that mark=PATH
// names, so it is never deployed.
//
// # Paths
//
// The first segment of the path within the application selects what happens; any other path is a 404.
//
//	/echo                       the request as JSON (see Echo)
//	/bytes?n=N                  N bytes, byte i is '0'+i%10, no Content-Length of its own
//	/upload                     POST or PUT: length and hash of the body as JSON; mark=PATH writes it to a file too
//	/status?code=N              that status and nothing else
//	/slow?ms=N                  sleep N milliseconds or until the context ends; the body is not read
//	/stderr                     a line with stderr-probe to the request's error stream
//	/panic                      panic before anything is written
//	/panic-late                 write a part, flush, panic
//	/wait-cancel?mark=PATH      wait for the end of the context, then write the file; give up after ms=N milliseconds
//	                            (30 seconds); begun=PATH is written before the wait, gaveup=PATH after one in vain
//	/header?h=Name:Value&h=…    raw header fields; code=N is the status
//	/stream?n=N&ms=M            N lines, a Flush after each, M milliseconds between
//	/cl?declared=N&actual=M     Content-Length N, a body of M bytes
//	/body-on?code=N             status N, then an attempt to write a body
//	/read-some?n=N              read N bytes of the body and leave the rest
package app

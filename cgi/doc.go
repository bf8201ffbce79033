// Package cgi speaks the Common Gateway Interface (RFC 3875) on both sides: [Serve] is a program's side, [Script] and [Root] the web server's.
//
// A program is an http.Handler and one call:
//
//	func main() {
//		if err := cgi.Serve(handler); err != nil {
//			log.Fatal(err)
//		}
//	}
//
// Its variables are the whole environment of the process but HTTP_PROXY. [Process] is for who wants to change something first, and [Program] does
// the same over streams and variables of the caller's choice. A program whose name begins with "nph-", or with Engine.Origin set, writes a complete
// HTTP response (section 5); any other one writes a Status field and leaves the rest to the web server (section 6). [IISPath] is for IIS.
//
// A process answers one request, so that its start counts: build it with CGO_ENABLED=0, which saves a quarter of the time.
//
// # Programs of others
//
// [Script] runs one program for every request, and [Root] the one below a directory that the request names. Behind the front ends for CGI, FastCGI and
// SCGI, a program gets all variables that the web server sent, so that what authenticates and what maps paths is the web server. Elsewhere it
// gets those of env.FromRequest; a handler around it that authenticates clients says who they are by gateway.WithVars.
//
// A program's path is taken segment by segment (section 8.1): an escaped slash is a slash, empty segments and "." are passed over, ".." before the
// program names nothing, and in PATH_INFO all of them are the program's to judge. PATH_TRANSLATED never leads out of the document root.
//
// Output is passed on as it comes once the request body has arrived: nginx stops passing a body when a response begins. A program may write before it
// reads even so, since what it does not read is set aside, up to Script.SpoolLimit. The response waits no more when that is full, when the client
// sends nothing for half a second, and when the program has ended or closed its input. Standard error goes to the log line by line.
//
// # Cancellation
//
// A program and all in its process group get SIGTERM, and SIGKILL after Script.Grace, when the context of the request ends, when the request body
// breaks off, after Script.Timeout without output or input, and at Close. What leaves the group, as by setsid, goes on.
//
// The context of a program's request ends when the handler returns, when SIGTERM arrives, and when the web server closes
// the program's standard output; on systems other than Linux, that shows only when the response is written, or by SIGPIPE. It is noticed once the handler waits for
// it, or, a millisecond after its begin, asks for the context's Err, reads of the body or sends of the response, since a process pays for it: until
// then SIGTERM ends the process. After a signal the handler can still answer.
//
// A handler that panics after the beginning of its response, or with http.ErrAbortHandler, has its response broken off: what is not sent yet is
// dropped, and Serve returns an error. Web servers do not look at the exit status, so that a client can tell only by a short Content-Length.
//
// # Limits
//
// Script bounds the time, the head of the response, bodies of unknown length, which are read before the program starts, what is set aside of others,
// and the programs that run and requests that wait; see its fields. A declared length is the front end's to bound, and so are the variables.
//
// Serve sets none: the web server bounds the variables, the time and the size of the body. The body is never read beyond
// CONTENT_LENGTH, and not at all without it, unless HTTP_TRANSFER_ENCODING says that its end is the end of standard input. At most 32 KiB of a
// response are held back.
//
// # Not supported
//
// The query string is not made into arguments (section 4.4), on neither side. A Transfer-Encoding of a program that writes no status line is dropped.
// An NPH program's response is parsed and sent anew but on a connection of its own to the client, of origin or net/http, where it passes unchanged when
// the request has no body and is not HEAD. A program has no trailers, no Hijack and, but for "nph-", no informational responses.
package cgi

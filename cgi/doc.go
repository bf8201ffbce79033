// Package cgi speaks the Common Gateway Interface (RFC 3875) on both sides: [Serve] is a program's side, [Script] the web server's.
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
// # Cancellation
//
// The context of a program's request ends when the handler returns, when SIGTERM or SIGPIPE arrives, and when the web server closes
// the program's standard output; on systems other than Linux, that shows only when the response is written. It is noticed once the handler waits for
// it, or, a millisecond after its begin, asks for the context's Err, reads of the body or sends of the response, since a process pays for it: until
// then SIGTERM ends the process. After a signal the handler can still answer.
//
// A handler that panics after the beginning of its response, or with http.ErrAbortHandler, has its response broken off: what is not sent yet is
// dropped, and Serve returns an error. Web servers do not look at the exit status, so that a client can tell only by a short Content-Length.
//
// # Limits
//
// Serve sets none: the web server bounds the variables, the time and the size of the body. The body is never read beyond
// CONTENT_LENGTH, and not at all without it, unless HTTP_TRANSFER_ENCODING says that its end is the end of standard input. At most 32 KiB of a
// response are held back.
//
// # Not supported
//
// The query string is not made into arguments (section 4.4). A program has no trailers, no Hijack and, but for "nph-", no informational responses.
package cgi

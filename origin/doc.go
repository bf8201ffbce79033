// Package origin is the gate for plain HTTP, where no web server stands
// between: an HTTP/1.1 origin server (RFC 9112) on the engine of package
// gateway. It is the counterpart of Python's wsgiref.simple_server, fit for the
// open internet.
//
// [Server] has the shape of http.Server; [NewServer] makes one that listens on a
// host and port, [Server.ServeOne] serves one request, and [Server.SetApp]
// changes the handler while it serves. The requests that a Server builds and the
// responses that it writes equal those of net/http.Server, apart from the
// tables below and in package gateway.
//
// # Cancellation
//
// The request context ends when the handler returns, when the client closes
// the connection or, on TCP and TLS, its sending half, and when the server is
// closed. A handler that outlasts about a millisecond, or eight where handlers
// have been quick for some time, or asks for Done, is watched; before that nobody
// reads beside it. On TCP a departure is not seen while more of the body is under
// way than the handler and the socket's buffer take. Once the context has ended,
// writes and body reads fail.
//
// A response that breaks off (panic, http.ErrAbortHandler, less than the
// declared length) ends without its last chunk; one that only the end of the
// connection could end, to a client of HTTP/1.0, ends in a TCP reset. On a unix
// socket such a client cannot tell.
//
// # Limits
//
// Each limit is a field of [Server] with a default that is safe for the open
// internet. Beyond them, and fixed: a line of a chunked body has at most 4096
// bytes, the overhead of its chunks at most 16 KiB more than twice their data,
// its trailer section at most 16 KiB, and at most 256 KiB of body that the
// handler left unread are read for the sake of the next request.
//
// What is no request is refused, and the connection ends with the answer:
//
//	400  malformed request line, field, host, length or target; Host missing or repeated;
//	     Transfer-Encoding with Content-Length or in HTTP/1.0; continued lines
//	408  the head took longer than ReadHeaderTimeout
//	414  the request line alone is longer than MaxHeaderBytes
//	417  an Expect other than 100-continue
//	431  the head is longer than MaxHeaderBytes
//	501  a transfer coding other than chunked
//	505  a version other than HTTP/1.x, HTTP/0.9 among them
//
// # Not supported
//
// HTTP/2 and HTTP/3. Where net/http.Server reads more loosely:
//
//	net/http joins continued header lines (obs-fold)    refused with 400
//	net/http drops Content-Length beside chunked         refused with 400
//	net/http ignores Transfer-Encoding in HTTP/1.0       refused with 400
//	net/http takes CONNECT without Host                  refused with 400
//	net/http takes any target with a scheme              refused with 400 unless it has a host
//	net/http takes spaces after a chunk size             refused: the body read fails
//	net/http takes trailers named like framing fields    refused: the body read fails
//	net/http says 400 to a slow head, or nothing         408
package origin

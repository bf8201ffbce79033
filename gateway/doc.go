// Package gateway is the engine between a front end, which moves bytes, and an
// http.Handler, which knows nothing of where they come from.
//
// A front end gives the engine one [Exchange] per request; [Engine.Run] turns
// the CGI variables into an *http.Request, calls the handler, and writes the
// response through one state machine with two output modes: a head that begins
// with Status (RFC 3875, section 6), or, with [Engine.Origin], an HTTP/1.1
// status line, chunks and persistence. It is the counterpart of Python's
// wsgiref.handlers.
//
// # Cancellation
//
// The request context ends when the handler returns, when the context given to
// Run ends, and when the front end calls Cancel because the gateway aborted the
// request or the peer went away. A front end that watches its peer only on
// demand is asked to (see [Watcher]) when the handler first calls Done. The
// context implements AfterFunc, so that contexts derived from it start no
// goroutine. Once it has ended, writes and body reads fail.
//
// # Limits
//
// The engine holds at most 2048 bytes of a response body and its head. It sets
// no limit to a request: the front end bounds the variables, and the body is
// never held.
//
// # Not supported
//
// Where the protocol cannot carry what net/http.Server does, the handler sees
// the difference in this table; everything else is equal.
//
//	Status mode    informational responses (1xx) are not sent; 101 becomes a 500
//	Status mode    trailers are not sent
//	Status mode    Hijack is missing from the ResponseWriter
//	Status mode    Connection, Transfer-Encoding and other hop-by-hop fields are dropped
//	Status mode    Date is left to the web server
//	all            http.ServerContextKey is not in the request context
//	all            the header is written with control characters as spaces
//	all            a write after the handler returned is an error, not a race
package gateway

// Package gateway is the engine between a front end, which moves bytes, and an
// http.Handler, which knows nothing of where they come from.
//
// A front end gives the engine one [Exchange] per request; [Engine.Run] turns
// the CGI variables into an *http.Request, calls the handler, and writes the
// response through one state machine with two output modes: a head that begins
// with Status (RFC 3875, section 6), or, with [Engine.Origin], an HTTP/1.1
// status line, chunks and persistence. It is the counterpart of Python's
// wsgiref.handlers; [Streams] is the ready-made exchange of its SimpleHandler
// and BaseCGIHandler.
//
// # Cancellation
//
// The request context ends when the handler returns, when the context given to
// Run ends, and when the front end calls Cancel because the gateway aborted the
// request or the peer went away. A front end that watches its peer only on
// demand is asked to (see [Watcher]) when the handler first calls Done. The
// context implements AfterFunc, so that contexts derived from it start no
// goroutine; they have ended when Run returns. After Cancel writes and body
// reads fail; when the context given to Run ends, the handler can still answer,
// as under http.Server with its BaseContext.
//
// # Limits
//
// The engine holds at most 2048 bytes of a response body and its head. It sets
// no limit to a request: the front end bounds the variables, and the body is
// never held.
//
// # Not supported
//
// Where the protocol cannot carry what net/http.Server does, or a ruling of this
// package says otherwise, the handler or its client sees the difference in this
// table; everything else is equal. Package env has a table for the request.
//
//	Status mode    informational responses (1xx) are not sent; 101 becomes an empty 500
//	Status mode    Expect is the web server's to answer; the handler runs
//	Status mode    trailers are not sent, nor received
//	Status mode    Hijack is missing from the ResponseWriter
//	Status mode    Status, Connection, Upgrade and other hop-by-hop fields are dropped and logged
//	Status mode    Location goes out before Status (see Engine.StatusFirst), and not when it is empty
//	Status mode    Date is left to the web server
//	origin mode    hop-by-hop fields are dropped and logged, but for Connection: close, Trailer, and Upgrade with 101 or 426
//	origin mode    HTTP/1.0 gets no informational responses
//	origin mode    a Write beyond Content-Length does not cost the connection when the response is whole
//	origin mode    http.MaxBytesReader does not close the connection by itself
//	all            a panic before the head left gives an error page, not a closed connection
//	origin mode    variables of HTTP/0.9 are refused with 400
//	all            http.ServerContextKey is not in the request context
//	all            control characters in a field go out as spaces
//	all            Content-Length is a number and one: "+5" and two values are logged and dropped, " 5 " is 5
//	all            the body can be read after the response has begun, without EnableFullDuplex
//	all            a body that ended early goes on returning io.ErrUnexpectedEOF
//	all            a write after the handler returned is an error, not a race
package gateway

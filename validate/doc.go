// Package validate checks both sides of HTTP exchanges while they happen: the
// server or gateway that calls an http.Handler, and the handler that answers.
// It is the counterpart of Python's wsgiref.validate.
//
//	srv.Handler = validate.Handler(app, validate.Options{})
//
// logs what it finds, and
//
//	func TestApp(t *testing.T) { validate.TestHandler(t, app, "/", "/search?q=a") }
//
// fails a test with it. The rules are data: see [Rules], and RULES.md beside
// the package. Each finding names its rule and its place, and is reported once
// for each place.
//
// The checker is transparent. The ResponseWriter that the handler gets is a
// Flusher, Hijacker, io.ReaderFrom, Pusher or CloseNotifier where that of the
// server is one; http.ResponseController works; requests and responses stay as
// they are, byte for byte. Of a request with a body the handler gets a shallow
// copy. The server's request gets back what the handler has set there: method,
// body and its length before the head, and when the handler returns the rest,
// but for Trailer, protocol, addresses, TLS and path values. Wrap the outermost
// handler: what stands before the checker counts as the server.
//
// # Cancellation
//
// The checker starts no goroutine and waits for nothing: the context of the
// request is that of the server.
//
// # Limits
//
// A handler that [Handler] returns remembers 4096 places, and reports at most 16
// variables or fields of one place by the same rule; after that it forgets them,
// and may report a place again. Of each body a finding shows the first 128
// bytes, but of what io.ReaderFrom copies only the length: a server has to see the
// source as it is. Not shown are the user and password of a target, and the
// values of fields and variables whose names speak of authorization, a cookie, a
// token, a secret, a password or an API key. A small request costs a few
// microseconds more: BenchmarkOverhead fails above ten.
//
// # Not supported
//
// One thing is not passed on: http.MaxBytesReader asks the ResponseWriter of
// net/http to close the connection, by a method that no other can have. The
// limit itself holds. A body that the handler sets after its head has begun is
// the server's when the handler returns.
//
// A copy by io.ReaderFrom is checked when it is done: [Panic] comes after the
// bytes. Its error counts as the client's when the context has ended, otherwise
// as the source's.
//
// What a checker between the two cannot see:
//
//	responses and requests on the wire      the server writes and reads them
//	requests that the server refuses        they never come to the handler
//	a connection after Hijack               it is the handler's
//	writes to a writer taken by Unwrap      checks of the response end there
//	variables that the engine has cleaned   HTTP_PROXY, proxy: in SCRIPT_FILENAME
//	panics                                  they pass; TestHandler reports them
//
// The engine of this module refuses a method, target, protocol, host or length
// that is malformed, control characters, and fields that are one variable in two
// spellings, with the status 400. The rules about them are for other servers.
package validate

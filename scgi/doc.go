// Package scgi speaks SCGI (the specification of 2008-06-23) on both sides: [Server] is the application's side, [Transport] the web server's.
//
// [Server] has the shape of http.Server and calls an http.Handler for every request:
//
//	err := (&scgi.Server{Addr: "127.0.0.1:4000", Handler: handler}).ListenAndServe()
//
// A connection carries one request. The response is that of a CGI program (RFC 3875, section 6), since SCGI leaves its form open.
// Variables that web servers leave out are derived: GATEWAY_INTERFACE always, SCRIPT_NAME and PATH_INFO when neither was sent, from the path
// of REQUEST_URI and Server.Mount.
//
// # Cancellation
//
// A request's context ends when the handler returns, when the web server leaves and when the server is closed. Leaving is seen while the
// handler runs: on TCP the end of what the web server sends, on a unix socket the close of the whole connection, since a client may say by
// closing half of it that the request is complete. What a handler does not read of its body for a tenth of a second
// is set aside then, up to MaxSpool; beyond that, a departure on TCP is not seen. Shutdown ends no context.
//
// A handler that panics after the beginning of its response, or with http.ErrAbortHandler, has the connection broken off: reset on TCP. On a
// unix socket it can only be closed, which a client can tell from a complete response by the Content-Length alone.
//
// # Limits
//
// See the fields of [Server]. Memory for variables is taken as they arrive, not as their length promises. A body is exactly CONTENT_LENGTH bytes;
// 16 KiB of it are held, and what is set aside for a handler that does not read. What the handler left of it, and what a web server sends after it, is read and dropped after the
// response, as far as DrainTimeout and MaxDrainBytes allow, so that the close does not destroy the response.
//
// # Not supported
//
// Bodies of unknown length: CONTENT_LENGTH must be the first variable and a number (section 3), otherwise the answer is 400. The same for a variable
// SCGI that is missing or not 1, and for whatever is not a netstring. Variables that repeat are accepted against section 3, since nginx sent repeated
// header fields so before 1.23. Informational responses, trailers, Hijack and persistent connections do not exist.
//
// # Behind real web servers
//
// nginx before 1.29.6 with scgi_request_buffering off announces only what it has of a body at first: the handler gets that much. Apache reads no response
// before it has sent the whole request: what a handler leaves of the body is set aside meanwhile, up to MaxSpool.
package scgi

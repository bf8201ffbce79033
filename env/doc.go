// Package env holds the CGI meta-variables of one request and turns them into
// an *http.Request and back.
//
// It is the counterpart of Python's wsgiref.util. [Vars] is an ordered list,
// not a map: a web server may send a name twice, and what was sent first stays
// first. [Vars.Request] builds the request that net/http.Server would have
// built from the same bytes on the wire, and [RequestBuilder] does so where there
// is no need for the list; [FromRequest] goes the other way and gives the
// variables of RFC 3875, section 4.1.
//
// # Cancellation
//
// Nothing in the package waits, so there is nothing to end.
//
// # Limits
//
// The package sets none: the front end that reads the variables bounds their
// number and size before they come here.
//
// # Not supported
//
// The authority form of a request target (CONNECT) has no place in the
// meta-variables and is refused. Where the variables cannot say what the bytes
// on the wire said, the request differs from that of net/http.Server:
//
//	absolute-form target      URL has path and query only, and "/" for an empty path
//	missing Host              SERVER_NAME, with SERVER_PORT where the scheme does not imply it
//	query in QUERY_STRING     counts when REQUEST_URI has none
//	Content-Length: 0         shown for POST, PUT and PATCH, since servers make CONTENT_LENGTH=0 up
//	chunked body              has a length, and no TransferEncoding, when the server gives one
//	field X_A                 is X-A, unless X_A is dropped by the server
//	Trailer                   stays a header field; trailers never arrive
//	two Host fields           are the server's to refuse; of two variables the last counts
package env

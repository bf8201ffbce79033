// Package env holds the CGI meta-variables of one request and turns them into
// an *http.Request and back.
//
// It is the counterpart of Python's wsgiref.util. [Vars] is an ordered list,
// not a map: a web server may send a name twice, and what was sent first stays
// first. [Vars.Request] builds the request that net/http.Server would have
// built from the same bytes on the wire; [FromRequest] goes the other way and
// gives the variables of RFC 3875, section 4.1.
//
// # Limits
//
// The package sets none: the front end that reads the variables bounds their
// number and size before they come here.
//
// # Not supported
//
// The authority form of a request target (CONNECT) has no place in the
// meta-variables and is refused.
package env

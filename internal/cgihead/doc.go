// Package cgihead turns what a CGI program answers into an HTTP response (RFC 3875, section 6). Every back end goes through it:
// CGI programs, FastCGI and SCGI workers say the same thing over different wires.
//
// [Parse] reads the head and leaves the body in the reader; [Response.Deliver] writes both to an http.ResponseWriter, and
// [Response.HTTP] makes the *http.Response of an http.RoundTripper, which [Forward] hands on. Malformed input fails closed:
// a head that is not whole and right is an error, never a guess.
package cgihead

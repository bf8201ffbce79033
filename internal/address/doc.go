// Package address parses, prints and opens the addresses that Postern's code, flags and documentation share.
//
//	auto                                 what the process was started with, see Detect
//	cgi:                                 one request on stdio
//	fastcgi://127.0.0.1:9000             fastcgi+unix:///run/app.sock      fastcgi+fd:0
//	scgi://127.0.0.1:4000                scgi+unix:///run/app.sock         scgi+fd:3
//	http://127.0.0.1:8080                http+unix:///run/app.sock         http+fd:3
//
// These are the only spellings; what Parse accepts, String gives back byte for byte.
//
// A host is an IPv4 address, an IPv6 address in brackets, or a name. It is never left out: loopback is 127.0.0.1 or [::1], every interface is
// 0.0.0.0 or [::]. An IPv4 address listens on IPv4 alone and an IPv6 address on IPv6 alone, so both wildcards can be listened on at once.
// The port is never left out either; port 0 lets the system choose one.
//
// A path is taken as it stands: there are no escapes, query or fragment in it. A name of Linux's abstract name space, which has no file,
// is written fastcgi+unix:@name; fastcgi+unix:///@name is a file.
package address

package address

import "strconv"

// The values of Address.Protocol.
const (
	Auto    = "auto"
	CGI     = "cgi"
	FastCGI = "fastcgi"
	SCGI    = "scgi"
	HTTP    = "http"
)

// The values of Address.Network.
const (
	TCP  = "tcp"
	Unix = "unix"
	FD   = "fd"
)

// Address is a parsed address. Two addresses are equal when they are spelled alike.
type Address struct {
	Protocol string // one of Auto, CGI, FastCGI, SCGI, HTTP
	Network  string // one of TCP, Unix, FD; empty for Auto and CGI
	Host     string // TCP: "host:port". Unix: an absolute path, or "@name" for an abstract socket
	FD       int    // the descriptor's number when Network is FD, otherwise 0
}

// String gives the spelling that Parse accepts.
func (a Address) String() string {
	switch {
	case a.Protocol == CGI:
		return "cgi:"
	case a.Network == TCP:
		return a.Protocol + "://" + a.Host
	case a.Abstract():
		return a.Protocol + "+unix:" + a.Host
	case a.Network == Unix:
		return a.Protocol + "+unix://" + a.Host
	case a.Network == FD:
		return a.Protocol + "+fd:" + strconv.Itoa(a.FD)
	}
	return a.Protocol
}

// Abstract reports whether a is a unix socket of Linux's abstract name space.
func (a Address) Abstract() bool {
	return a.Network == Unix && len(a.Host) > 0 && a.Host[0] == '@'
}

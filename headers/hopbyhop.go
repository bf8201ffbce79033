package headers

// IsHopByHop reports whether a field of this name, in any case, belongs to one
// connection and must not be passed on: the list of RFC 2616, section 13.5.1,
// where Trailer was printed as Trailers, and Proxy-Connection. The names that a
// Connection field lists are hop-by-hop, too, but not known here. It does not
// allocate.
func IsHopByHop(name string) bool {
	switch len(name) {
	case len("te"):
		return equalFold(name, "te")
	case len("trailer"):
		return equalFold(name, "trailer") || equalFold(name, "upgrade")
	case len("trailers"):
		return equalFold(name, "trailers")
	case len("connection"):
		return equalFold(name, "connection") || equalFold(name, "keep-alive")
	case len("proxy-connection"):
		return equalFold(name, "proxy-connection")
	case len("transfer-encoding"):
		return equalFold(name, "transfer-encoding")
	case len("proxy-authenticate"):
		return equalFold(name, "proxy-authenticate")
	case len("proxy-authorization"):
		return equalFold(name, "proxy-authorization")
	}
	return false
}

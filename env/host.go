package env

import (
	"fmt"
	"net"
	"strings"
)

// hostOf chooses the host as net/http does: that of an absolute-form target,
// then the Host field, then the server's own name, unless that is none (a
// pattern, say).
func (b *RequestBuilder) hostOf(target string, secure bool) (string, error) {
	for _, host := range [...]string{b.host, target} {
		if !validHost(host) {
			return "", fmt.Errorf("env: host %q is malformed", host)
		}
	}
	switch {
	case target != "":
		return target, nil
	case b.host != "":
		return b.host, nil
	case b.serverName == "":
		return "", nil
	}
	if own := hostPort(b.serverName, b.serverPort, secure); validHost(own) {
		return own, nil
	}
	return "", nil
}

// validHost reports whether every byte may stand in a host and port (RFC 3986,
// section 3.2.2). Like net/http it leaves the structure open.
func validHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		alphanumeric := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alphanumeric && strings.IndexByte("!$%&'()*+,-.:;=[]_~", c) < 0 {
			return false
		}
	}
	return true
}

// hostPort adds the port where the scheme does not imply it. HAProxy's
// SERVER_NAME has a port already, which is cut.
func hostPort(name, port string, secure bool) string {
	name = bare(serverHost(name))
	standard := "80"
	if secure {
		standard = "443"
	}
	if port != "" && port != standard {
		return net.JoinHostPort(name, port)
	}
	if strings.IndexByte(name, ':') >= 0 {
		return "[" + name + "]"
	}
	return name
}

func serverHost(name string) string {
	if host, _, err := net.SplitHostPort(name); err == nil {
		return host
	}
	return name
}

// bare takes the brackets off an IPv6 address.
func bare(host string) string {
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1]
	}
	return host
}

// appendRemote writes the peer as net/http does: ip:port, the name of a unix
// socket, which is "@" where it has none, nothing when nothing is known.
func appendRemote(b []byte, addr, port string) []byte {
	switch {
	case addr == "":
		return b
	case addr == "unix:":
		return append(b, '@')
	case addr[0] == '@' || addr[0] == '/':
		return append(b, addr...)
	case port == "":
		port = "0"
	}
	host := bare(addr)
	if strings.IndexByte(host, ':') >= 0 {
		b = append(append(append(b, '['), host...), ']')
	} else {
		b = append(b, host...)
	}
	return append(append(b, ':'), port...)
}

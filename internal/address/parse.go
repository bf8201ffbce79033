package address

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// maxPath is the longest socket path in bytes: sun_path holds 108, the last of them a NUL.
const maxPath = 107

// Parse reads one address. An error is one line that says what is wrong with s and what was expected.
func Parse(s string) (Address, error) {
	scheme, rest, colon := strings.Cut(s, ":")
	protocol, network, plus := strings.Cut(scheme, "+")
	switch {
	case strings.ContainsFunc(s, isControl):
		return Address{}, bad(s, "a control character", "none")
	case s == Auto:
		return Address{Protocol: Auto}, nil
	case s == "cgi:":
		return Address{Protocol: CGI}, nil
	case protocol == Auto, protocol == CGI:
		return Address{}, bad(s, protocol+" takes nothing more", map[string]string{Auto: Auto, CGI: "cgi:"}[protocol])
	case !colon, protocol != FastCGI && protocol != SCGI && protocol != HTTP:
		return Address{}, bad(s, "unknown protocol", `"auto", "cgi:", or fastcgi, scgi or http in the form http://127.0.0.1:8080, http+unix:///path or http+fd:3`)
	case !plus:
		return parseTCP(s, protocol, rest)
	case network == Unix:
		return parseUnix(s, protocol, rest)
	case network == FD:
		return parseFD(s, protocol, rest)
	}
	return Address{}, bad(s, fmt.Sprintf("unknown transport %q", network), protocol+"+unix:///path or "+protocol+"+fd:3")
}

func bad(s, fact, expected string) error {
	return fmt.Errorf("address %q: %s: expected %s", s, fact, expected)
}

func parseTCP(s, protocol, rest string) (Address, error) {
	form := protocol + "://host:port"
	hostport, ok := strings.CutPrefix(rest, "//")
	if !ok {
		return Address{}, bad(s, "no // after "+protocol+":", form)
	}
	if i := strings.IndexAny(hostport, "/?#"); i >= 0 {
		return Address{}, bad(s, fmt.Sprintf("an address ends with the port, %q is too much", hostport[i:]), form)
	}
	if fact, expected := checkHostPort(hostport); fact != "" {
		return Address{}, bad(s, fact, protocol+"://"+expected)
	}
	return Address{Protocol: protocol, Network: TCP, Host: hostport}, nil
}

// checkHostPort says what is wrong with hostport and what follows the // instead. No fact, nothing wrong.
func checkHostPort(hostport string) (fact, expected string) {
	host, port, err := net.SplitHostPort(hostport)
	bracket := strings.HasPrefix(hostport, "[")
	switch {
	case err != nil && !bracket && strings.Count(hostport, ":") > 1:
		return "an IPv6 address without brackets, or too many colons", "[::1]:port"
	case err != nil && bracket && !strings.Contains(hostport, "]"):
		return "no ] after the IPv6 address", "[::1]:port"
	case err != nil, port == "":
		return "no port", "host:port"
	case host == "":
		return "no host", "127.0.0.1:" + port + ", or 0.0.0.0 for every interface"
	case !validPort(port):
		return fmt.Sprintf("port %q", port), "host:port with a port from 0 to 65535"
	case bracket && !isIPv6(host):
		return fmt.Sprintf("%q in brackets is no IPv6 address", host), "[::1]:port"
	case !bracket && !validHost(host):
		return fmt.Sprintf("%q is no host", host), "host:port with an IPv4 address, an IPv6 address in brackets or a name"
	}
	return "", ""
}

func parseUnix(s, protocol, rest string) (Address, error) {
	form := protocol + "+unix:///path"
	path, slashes := strings.CutPrefix(rest, "//")
	switch {
	case slashes && strings.HasPrefix(path, "/") && len(path) > 1:
	case !slashes && strings.HasPrefix(path, "@") && len(path) > 1:
	case slashes && path != "" && path[0] != '/' && path[0] != '@':
		return Address{}, bad(s, "the path is not absolute", protocol+"+unix:///"+path)
	default:
		return Address{}, bad(s, "no socket path", form+", or "+protocol+"+unix:@name for an abstract socket")
	}
	if len(path) > maxPath {
		return Address{}, bad(s, fmt.Sprintf("a socket path of %d bytes", len(path)), fmt.Sprintf("at most %d", maxPath))
	}
	return Address{Protocol: protocol, Network: Unix, Host: path}, nil
}

func parseFD(s, protocol, rest string) (Address, error) {
	n, err := strconv.Atoi(rest)
	if err != nil || n < 0 || strconv.Itoa(n) != rest {
		return Address{}, bad(s, fmt.Sprintf("%q is no descriptor", rest), protocol+"+fd:N with a number such as 0 or 3")
	}
	return Address{Protocol: protocol, Network: FD, FD: n}, nil
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && strconv.FormatUint(n, 10) == port
}

func isIPv6(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Is6()
}

// validHost reports whether host is an IPv4 address or can be a name. Digits and dots alone are never a name,
// so that a mistyped address is not looked up.
func validHost(host string) bool {
	if strings.Trim(host, "0123456789.") == "" {
		ip, err := netip.ParseAddr(host)
		return err == nil && ip.Is4()
	}
	return !strings.ContainsFunc(host, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.' || r == '_')
	})
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

package fastcgi

import (
	"fmt"
	"net/netip"
	"strings"
)

// WebServerAddrs reads the value of the environment variable
// FCGI_WEB_SERVER_ADDRS for Server.AllowAddrs: IP addresses with commas between
// them, and nothing else (FastCGI 1.0, section 3.2). IPv6 addresses, which the
// specification does not know, are taken too, without zones. An empty value is
// an error, as is every other that is not well-formed: a list that lets nobody
// or everybody in is never meant.
func WebServerAddrs(value string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for addr := range strings.SplitSeq(value, ",") {
		ip, err := netip.ParseAddr(addr)
		if err != nil || ip.Zone() != "" {
			return nil, fmt.Errorf("fastcgi: FCGI_WEB_SERVER_ADDRS is %q: expected IP addresses such as 192.0.2.1,192.0.2.2", value)
		}
		ip = ip.Unmap()
		list = append(list, netip.PrefixFrom(ip, ip.BitLen()))
	}
	return list, nil
}

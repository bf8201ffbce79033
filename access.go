package postern

import (
	"fmt"
	"net/netip"
	"os"
	"slices"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/address"
	"github.com/postern-go/postern/internal/server"
)

// webServerAddrs is the variable of FastCGI 1.0, section 3.2.
const webServerAddrs = "FCGI_WEB_SERVER_ADDRS"

// access says who may connect to the addresses of a protocol.
type access map[string]server.Access

// access reads the Allow fields, and for FastCGI the environment.
func (s *Server) access(addrs []address.Address) (access, error) {
	all := server.Access{Addrs: s.AllowAddrs, UIDs: s.AllowUIDs, GIDs: s.AllowGIDs}
	a := access{address.FastCGI: all, address.SCGI: all, address.HTTP: all}
	value, set := os.LookupEnv(webServerAddrs)
	isFastCGI := func(a address.Address) bool { return a.Protocol == address.FastCGI }
	if !set || !slices.ContainsFunc(addrs, isFastCGI) {
		return a, nil
	}
	list, err := fastcgi.WebServerAddrs(value)
	if err != nil {
		return nil, err
	}
	if !all.Empty() {
		list = slices.DeleteFunc(list, func(p netip.Prefix) bool { return !all.AllowsAddr(p.Addr()) })
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s is %q: expected an address that may connect otherwise, too", webServerAddrs, value)
	}
	a[address.FastCGI] = server.Access{Addrs: list}
	return a, nil
}

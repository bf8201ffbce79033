package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/postern-go/postern/internal/account"
)

// allowFlag collects who may connect.
type allowFlag struct {
	addrs      []netip.Prefix
	uids, gids []uint32
}

func (a *allowFlag) String() string { return "" }

func (a *allowFlag) Set(s string) error {
	kind, name, named := strings.Cut(s, ":")
	switch {
	case named && kind == "user":
		return appendID(&a.uids, name, account.User)
	case named && kind == "group":
		return appendID(&a.gids, name, account.Group)
	}
	if ip, err := netip.ParseAddr(s); err == nil && ip.Zone() == "" {
		a.addrs = append(a.addrs, netip.PrefixFrom(ip, ip.BitLen()))
		return nil
	}
	prefix, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return errors.New("expected an IP address, a network such as 192.0.2.0/24, user:NAME or group:NAME")
	case prefix != prefix.Masked():
		return fmt.Errorf("expected %v, or a single address: the network has no such bits", prefix.Masked())
	}
	a.addrs = append(a.addrs, prefix)
	return nil
}

func appendID(ids *[]uint32, name string, lookup func(string) (uint32, error)) error {
	id, err := lookup(name)
	if err != nil {
		return fmt.Errorf("%w: expected a name or a number", err)
	}
	*ids = append(*ids, id)
	return nil
}

package server

import (
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// An Access lists the peers that may connect. When it is empty everybody may;
// otherwise a peer must be in one of the lists.
type Access struct {
	Addrs []netip.Prefix // of TCP peers; an IPv4 peer of an IPv6 socket counts as IPv4
	UIDs  []uint32       // effective users of unix peers, on Linux
	GIDs  []uint32       // effective groups of unix peers, on Linux
}

// Empty reports whether everybody may connect.
func (a *Access) Empty() bool {
	return len(a.Addrs)+len(a.UIDs)+len(a.GIDs) == 0
}

func (a *Access) allows(p peer) bool {
	if p.identified {
		return slices.Contains(a.UIDs, p.uid) || slices.Contains(a.GIDs, p.gid)
	}
	return a.AllowsAddr(p.ip)
}

// AllowsAddr reports whether Addrs has ip, which has no zone and is no IPv4
// address in the form of IPv6.
func (a *Access) AllowsAddr(ip netip.Addr) bool {
	return slices.ContainsFunc(a.Addrs, func(allowed netip.Prefix) bool {
		if mapped := allowed.Addr(); mapped.Is4In6() && allowed.Bits() >= 96 {
			allowed = netip.PrefixFrom(mapped.Unmap(), allowed.Bits()-96)
		}
		return allowed.Contains(ip)
	})
}

// A peer is who has connected. One of neither network, and one that the system
// does not tell of, has no address and is not identified: no list has it.
type peer struct {
	ip         netip.Addr // of TCP, without a zone
	identified bool       // of a unix socket: uid and gid are known
	uid, gid   uint32
}

func peerOf(f form) (p peer) {
	if f.unix() {
		uid, gid, err := f.credentials()
		return peer{identified: err == nil, uid: uid, gid: gid}
	}
	if addr, ok := f.RemoteAddr().(*net.TCPAddr); ok {
		p.ip = addr.AddrPort().Addr().Unmap().WithZone("")
	}
	return p
}

// Admit reports whether the peer of nc may connect. It logs and closes one that
// may not.
func (l *Loop) Admit(nc net.Conn) bool { return l.admit(&netForm{Conn: nc}) }

func (l *Loop) admit(f form) bool {
	if l.Access.Empty() {
		return true
	}
	p := peerOf(f)
	if l.Access.allows(p) {
		return true
	}
	if more, told := l.refused.tell(time.Now()); told {
		attrs := []any{"peer", address(f), "more", more}
		if p.identified {
			attrs = append(attrs, "uid", p.uid, "gid", p.gid)
		}
		l.Log().Warn(l.Name+": peer is not allowed to connect", attrs...)
	}
	f.Close()
	return false
}

func address(f form) string {
	if addr := f.RemoteAddr(); addr != nil {
		return addr.String()
	}
	return ""
}

// refusalPause is the shortest time between two log lines about refused peers.
const refusalPause = time.Second

// refusals decide which refused peers are logged.
type refusals struct {
	mu   sync.Mutex
	next time.Time // before that nothing is logged
	more int       // refused since the last line, without one
}

// tell reports whether a peer that is refused now is logged, and how many have
// not been since the last one that was.
func (r *refusals) tell(now time.Time) (more int, told bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now.Before(r.next) {
		r.more++
		return 0, false
	}
	more, r.more, r.next = r.more, 0, now.Add(refusalPause)
	return more, true
}

package address

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// DefaultMode is the mode of a socket file when Options.Mode is zero: the owner and the group may connect.
const DefaultMode fs.FileMode = 0o660

// Options says how a socket file is made. Addresses that have no file take no notice of it, except an abstract socket:
// anybody on the machine can connect to one, so asking for a mode or an owner is an error there.
type Options struct {
	Mode  fs.FileMode // permission bits of the socket file; zero is DefaultMode
	Owner string      // "user", "user:group" or ":group", names or numbers; empty leaves the process's own
}

// Listen opens a. Auto and CGI have nothing to listen on and are errors. Closing the listener removes the socket file that Listen made,
// unless another has taken its place, and never one that came by descriptor.
//
// A unix socket's mode and owner are set before anybody can connect. A socket file that nobody listens on is replaced; one that answers, and a
// path that is no socket, are errors and stay as they are. A name already in use is an error for which errors.Is(err, syscall.EADDRINUSE) holds.
//
// A descriptor must be a listening stream socket. Listen takes it over: afterwards its number is closed, or open to /dev/null for 0, 1 and 2.
func (a Address) Listen(o Options) (net.Listener, error) {
	l, err := a.listen(o)
	if err != nil {
		return nil, fmt.Errorf("address %q: %w", a, err)
	}
	return l, nil
}

func (a Address) listen(o Options) (net.Listener, error) {
	switch {
	case a.Network == TCP:
		return listenTCP(a.Host)
	case a.Network == FD:
		return listenFD(a.FD)
	case a.Abstract():
		return listenAbstract(a.Host, o)
	case a.Network == Unix:
		return listenUnix(a.Host, o)
	}
	return nil, errors.New("nothing to listen on")
}

func listenTCP(host string) (net.Listener, error) {
	l, err := net.Listen(tcpNetwork(host), host)
	return l, plain(err)
}

// tcpNetwork keeps a literal address to its own family: net.Listen would open 0.0.0.0 for IPv6 too.
func tcpNetwork(hostport string) string {
	ip, err := netip.ParseAddrPort(hostport)
	switch {
	case err != nil:
		return "tcp"
	case ip.Addr().Unmap().Is4():
		return "tcp4"
	}
	return "tcp6"
}

func listenAbstract(name string, o Options) (net.Listener, error) {
	if o != (Options{}) {
		return nil, errors.New("an abstract socket has no mode and no owner: expected a path")
	}
	l, err := net.Listen("unix", name)
	return l, plain(err)
}

// plain takes off the network and the address that package net puts in front: the caller names the address.
func plain(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, unix.EADDRINUSE) {
		return inUse{}
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) {
		return op.Err
	}
	return err
}

// inUse is EADDRINUSE in words.
type inUse struct{}

func (inUse) Error() string   { return "already in use: another process listens there" }
func (inUse) Is(e error) bool { return e == unix.EADDRINUSE }

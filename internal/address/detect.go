package address

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// firstFD is the first descriptor that systemd hands over (sd_listen_fds, SD_LISTEN_FDS_START).
const firstFD = 3

// maxFDs bounds LISTEN_FDS.
const maxFDs = 1024

// Variables are those of the process environment by which sockets are handed over. They speak to this process only:
// whoever has used them unsets them, so that a child does not inherit them.
func Variables() []string {
	return []string{"LISTEN_PID", "LISTEN_PIDFDID", "LISTEN_FDS", "LISTEN_FDNAMES"}
}

// Detect says what Auto means for the process pid whose environment getenv reads and whose listening descriptors listening knows. In order:
//
//   - systemd's sockets, LISTEN_FDS of them from descriptor 3 when LISTEN_PID is pid, all of them. A name in LISTEN_FDNAMES that begins with
//     fastcgi, scgi or http selects the protocol, any other is FastCGI.
//   - descriptor 0 as a listening socket: FastCGI.
//   - GATEWAY_INTERFACE in the environment: CGI.
//
// Otherwise, and when the LISTEN_ variables are not well-formed, the error says what was looked for. Nothing is opened.
func Detect(getenv func(string) string, pid int, listening func(fd int) bool) ([]Address, error) {
	found, why, err := detectSystemd(getenv, pid)
	switch {
	case err != nil:
		return nil, err
	case len(found) > 0:
		return found, nil
	case listening(0):
		return []Address{{Protocol: FastCGI, Network: FD}}, nil
	case getenv("GATEWAY_INTERFACE") != "":
		return []Address{{Protocol: CGI}}, nil
	}
	return nil, errors.New(`address "auto": no gateway: ` + why +
		", descriptor 0 is no listening socket, GATEWAY_INTERFACE is not set: expected to be started by a web server or systemd, or an address such as http://127.0.0.1:8080; " +
		"to try one request by hand: GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET PATH_INFO=/ before the command")
}

// detectSystemd returns systemd's sockets, or in words why there are none.
func detectSystemd(getenv func(string) string, pid int) (found []Address, why string, err error) {
	fds, owner := getenv("LISTEN_FDS"), getenv("LISTEN_PID")
	switch {
	case fds == "":
		return nil, "LISTEN_FDS is not set", nil
	case owner != strconv.Itoa(pid):
		return nil, fmt.Sprintf("LISTEN_PID is %q and not this process", owner), nil
	}
	n, err := strconv.Atoi(fds)
	if err != nil || n < 0 || n > maxFDs {
		return nil, "", fmt.Errorf(`address "auto": LISTEN_FDS is %q: expected a number from 0 to %d`, fds, maxFDs)
	}
	names := strings.Split(getenv("LISTEN_FDNAMES"), ":")
	switch {
	case n == 0:
		return nil, "LISTEN_FDS is 0", nil
	case getenv("LISTEN_FDNAMES") == "":
		names = make([]string, n)
	case len(names) != n:
		return nil, "", fmt.Errorf(`address "auto": LISTEN_FDNAMES has %d names: expected %d, as LISTEN_FDS says`, len(names), n)
	}
	for i, name := range names {
		found = append(found, Address{Protocol: protocolOf(name), Network: FD, FD: firstFD + i})
	}
	return found, "", nil
}

func protocolOf(name string) string {
	for _, protocol := range []string{SCGI, HTTP} {
		if strings.HasPrefix(name, protocol) {
			return protocol
		}
	}
	return FastCGI
}

package address

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDetect(t *testing.T) {
	type vars = map[string]string
	fd := func(protocol string, n int) Address { return Address{Protocol: protocol, Network: FD, FD: n} }
	for _, row := range []struct {
		environ vars
		fd0     bool
		want    []Address
		why     string
	}{
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "1"}, false, []Address{fd(FastCGI, 3)}, "a socket without a name is FastCGI"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "5", "LISTEN_FDNAMES": "http:scgi-app:fastcgi.socket:app:httpd"}, false,
			[]Address{fd(HTTP, 3), fd(SCGI, 4), fd(FastCGI, 5), fd(FastCGI, 6), fd(HTTP, 7)}, "the beginning of the name selects the protocol"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "1", "GATEWAY_INTERFACE": "CGI/1.1"}, true, []Address{fd(FastCGI, 3)}, "systemd comes first"},
		{vars{"LISTEN_PID": "8", "LISTEN_FDS": "1"}, true, []Address{fd(FastCGI, 0)}, "sockets for another process are not ours"},
		{vars{"LISTEN_PID": "07", "LISTEN_FDS": "1"}, true, []Address{fd(FastCGI, 0)}, "the process is named exactly"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "0"}, true, []Address{fd(FastCGI, 0)}, "no sockets from systemd"},
		{vars{"GATEWAY_INTERFACE": "CGI/1.1"}, true, []Address{fd(FastCGI, 0)}, "a listening descriptor 0 comes before CGI"},
		{vars{"GATEWAY_INTERFACE": "CGI/1.1"}, false, []Address{{Protocol: CGI}}, "CGI"},
	} {
		getenv := func(name string) string { return row.environ[name] }
		got, err := Detect(getenv, 7, func(fd int) bool { return fd == 0 && row.fd0 })
		require.NoError(t, err, row.why)
		require.Equal(t, row.want, got, row.why)
	}
}

func TestDetectRefuses(t *testing.T) {
	type vars = map[string]string
	for _, row := range []struct {
		environ vars
		want    string
		why     string
	}{
		{vars{}, "LISTEN_FDS is not set, descriptor 0 is no listening socket, GATEWAY_INTERFACE is not set", "everything looked for is named"},
		{vars{"GATEWAY_INTERFACE": ""}, "GATEWAY_INTERFACE is not set", "empty counts as missing (RFC 3875, section 4.1)"},
		{vars{"LISTEN_PID": "8", "LISTEN_FDS": "1"}, `LISTEN_PID is "8" and not this process`, "inherited variables are explained"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "0"}, "LISTEN_FDS is 0", "no sockets and nothing else"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "two"}, `LISTEN_FDS is "two": expected a number`, "no number"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "-1"}, `LISTEN_FDS is "-1": expected a number`, "a negative number"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "1025"}, `expected a number from 0 to 1024`, "a number without reason"},
		{vars{"LISTEN_PID": "7", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "http"}, "LISTEN_FDNAMES has 1 names: expected 2", "a name for every socket or none"},
	} {
		got, err := Detect(func(name string) string { return row.environ[name] }, 7, func(int) bool { return false })
		require.ErrorContains(t, err, row.want, row.why)
		require.Nil(t, got, row.why)
	}
}

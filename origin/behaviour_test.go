package origin

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/postern-go/postern/internal/behaviour"
	"github.com/stretchr/testify/require"
)

func TestBehaviour(t *testing.T) {
	t.Run("tcp", func(t *testing.T) { behaviour.Test(t, gateOver("tcp")) })
	t.Run("unix", func(t *testing.T) { behaviour.Test(t, gateOver("unix"), unixDeviations...) })
}

// unixDeviations are those of net/http.Server on a unix socket, too.
var unixDeviations = []behaviour.Deviation{
	{Row: "local address", Why: "the address of a unix socket is a path", Want: `
200 OK
Content-Length: 0
> *net.TCPAddr false, false
`},
	{Row: "client address", Why: "a client on a unix socket has no address", Want: `
200 OK
Content-Length: 0
> , port false
> split: address @: missing port in address
> TLS false
`},
}

// gateOver is the server behind a real socket.
func gateOver(network string) behaviour.Gate {
	return behaviour.Gate{Name: "origin over " + network, Origin: true, Serve: func(t testing.TB, h http.Handler, c behaviour.Client) behaviour.Answer {
		var logged behaviour.Log
		s := &Server{Handler: behaviour.WithNext(h), ErrorLog: slog.New(slog.NewTextHandler(&logged, nil))}
		g := &gate{Server: s, t: t}
		l := g.listen(network)
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		a := behaviour.Dial(t, l.Addr(), c)
		require.NoError(t, s.Close())
		require.ErrorIs(t, <-done, ErrServerClosed)
		a.Log = logged.String()
		return a
	}}
}

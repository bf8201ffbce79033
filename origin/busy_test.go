package origin

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/postern-go/postern/internal/behaviour"
)

// TestBusyMachine has who reads ahead of a handler meet who reads the next request.
func TestBusyMachine(t *testing.T) {
	behaviour.BusyMachine(t, func(h http.Handler) func() (net.Conn, error) {
		return open(t, "unix", &Server{Handler: h}).dial
	}, func(nc net.Conn) behaviour.Courier { return courier{bufio.NewReader(nc)} })
}

// A courier sends the requests of a list one behind the other.
type courier struct{ in *bufio.Reader }

func (courier) Requests(list []behaviour.Errand) (b []byte) {
	for i, e := range list {
		framing := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(e.Body), e.Body)
		if e.Body != "" && i%2 == 1 {
			framing = fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(e.Body), e.Body)
		}
		b = fmt.Appendf(b, "POST / HTTP/1.1\r\nHost: h.test\r\nDoes: %s\r\nNumber: %s\r\n%s", e.Does, e.Number, framing)
	}
	return b
}

func (c courier) Answers(list []behaviour.Errand) error {
	for _, e := range list {
		r, err := http.ReadResponse(c.in, nil)
		if err != nil {
			return err
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != e.Number {
			return fmt.Errorf("%v and %q instead of %q", err, body, e.Number)
		}
	}
	return nil
}

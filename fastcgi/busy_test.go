package fastcgi_test

import (
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/behaviour"
	"github.com/postern-go/postern/internal/record"
)

// TestBusyMachine has who passes the lead of a connection on meet who had it.
func TestBusyMachine(t *testing.T) {
	behaviour.BusyMachine(t, func(h http.Handler) func() (net.Conn, error) {
		path := serve(t, &fastcgi.Server{Handler: h})
		return func() (net.Conn, error) { return net.Dial("unix", path) }
	}, func(nc net.Conn) behaviour.Courier { return courier{client{Conn: nc}} })
}

// A courier has all requests of a list under way at a time.
type courier struct{ client }

func (courier) Requests(list []behaviour.Errand) (b []byte) {
	for i, e := range list {
		id := uint16(i + 1)
		b = append(b, bytesOf(begin(id), params(id, vars("POST", "CONTENT_LENGTH", fmt.Sprint(len(e.Body)), "HTTP_DOES", e.Does,
			"HTTP_NUMBER", e.Number)), params(id, ""))...)
		if e.Body != "" {
			b = append(b, bytesOf(stdin(id, e.Body))...)
		}
		b = append(b, bytesOf(stdin(id, ""))...)
	}
	return b
}

func (c courier) Answers(list []behaviour.Errand) error {
	got := map[uint16]string{}
	for ended := 0; ended < len(list); {
		r, err := c.next()
		switch {
		case err != nil:
			return err
		case r.Type == record.Stdout:
			got[r.ID] += r.Content
		case r != fin(r.ID, 0) || int(r.ID) > len(list):
			return fmt.Errorf("%v instead of an answer", r)
		default:
			ended++
			if want := page(list[r.ID-1].Number); got[r.ID] != want {
				return fmt.Errorf("%q instead of %q", got[r.ID], want)
			}
		}
	}
	return nil
}

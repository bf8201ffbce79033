package httpbin

import (
	"bufio"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience is how long a test waits for an answer before it gives up on it.
const patience = time.Minute

// An answer is all that a client gets for a request.
type answer struct {
	Refused   string   // why the client cannot take it, if so
	Interim   []string // the statuses before the final one
	Status    string
	Proto     string
	Header    http.Header // with the fields of the framing
	Announced []string    // the names of the trailers that the header announced
	Body      string
	Broken    bool // the body ended early
	Trailer   http.Header
	Closes    bool // the connection is not to be used again
}

func (a answer) clone() answer {
	a.Header, a.Trailer = a.Header.Clone(), a.Trailer.Clone()
	return a
}

// ask sends a request over a connection of its own, and the ones that follow from its answer over others.
func ask(t *testing.T, address string, r request) []answer {
	t.Helper()
	a := exchange(t, address, r)
	if r.then == nil {
		return []answer{a}
	}
	return append([]answer{a}, ask(t, address, r.then(a))...)
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.NoError(t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

func exchange(t *testing.T, address string, r request) answer {
	t.Helper()
	c := &client{address: address}
	defer c.close()
	return c.exchange(t, r)
}

// A client has a connection as long as it may be used again.
type client struct {
	address string
	conn    net.Conn
	in      *bufio.Reader
}

func (c *client) exchange(t *testing.T, r request) answer {
	t.Helper()
	if c.conn == nil {
		c.conn = dial(t, c.address)
		c.in = bufio.NewReader(c.conn)
	}
	sent := make(chan struct{})
	go func(conn net.Conn) {
		defer close(sent)
		io.WriteString(conn, r.wire()) // a server may answer and close before it has read all of it
	}(c.conn)
	defer func() { <-sent }()
	a := c.receive(r)
	if strings.HasPrefix(a.Status, "101") && r.tunnel != "" {
		_, err := io.WriteString(c.conn, r.tunnel)
		require.NoError(t, err)
		rest, err := io.ReadAll(c.in)
		require.NoError(t, err)
		a.Body = string(rest)
	}
	if a.Closes || a.Broken || a.Refused != "" || strings.HasPrefix(a.Status, "101") {
		c.close()
	}
	return a
}

func (c *client) close() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

func (c *client) receive(r request) answer {
	var a answer
	for {
		response, err := http.ReadResponse(c.in, &http.Request{Method: r.method})
		if err != nil {
			return answer{Refused: err.Error()}
		}
		if response.StatusCode >= 200 || response.StatusCode == http.StatusSwitchingProtocols {
			a.read(response)
			return a
		}
		a.Interim = append(a.Interim, response.Status)
	}
}

func (a *answer) read(response *http.Response) {
	defer response.Body.Close()
	a.Status, a.Proto, a.Header, a.Closes = response.Status, response.Proto, response.Header, response.Close
	if coding := response.TransferEncoding; coding != nil {
		a.Header["Transfer-Encoding"] = []string{strings.Join(coding, ", ")}
	}
	a.Announced = slices.Sorted(maps.Keys(response.Trailer))
	body, err := io.ReadAll(response.Body)
	a.Body, a.Broken, a.Trailer = string(body), err != nil, response.Trailer
}

// resize changes the body, and its length where there is one.
func (a *answer) resize(body string) {
	if a.Header.Get("Content-Length") == strconv.Itoa(len(a.Body)) {
		a.Header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	a.Body = body
}

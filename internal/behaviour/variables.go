package behaviour

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/env"
)

// Peer is the address of the client in ReadRequest and Variables.
const Peer = "127.0.0.1:50123"

// ReadRequest is what a server that stands before a gate reads of a client. Its
// body is that of the client, without chunks; it ends in an error where the
// client sends no more than a part. Its context has the server's address.
func ReadRequest(t testing.TB, c Client) *http.Request {
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(c.Request)))
	if err != nil {
		t.Fatalf("request: %v", err)
	}
	r.RemoteAddr = Peer
	local := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	return r.WithContext(context.WithValue(t.Context(), http.LocalAddrContextKey, local))
}

// Variables is what a web server makes of the client's request: the variables
// of RFC 3875, and the body as far as it came. As nginx and HAProxy do, it
// repeats the variable of a repeated field; as nginx and Apache do, it names
// the transfer coding that the body had.
func Variables(t testing.TB, c Client) (*env.Vars, string) {
	r := ReadRequest(t, c)
	v := env.FromRequest(r)
	for name, values := range r.Header {
		if len(values) > 1 {
			name = "HTTP_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
			v.Del(name)
			for _, value := range values {
				v.Add(name, value)
			}
		}
	}
	if r.TransferEncoding != nil {
		v.Add("HTTP_TRANSFER_ENCODING", r.TransferEncoding[0])
	}
	body, err := io.ReadAll(r.Body)
	if err != nil && err != io.ErrUnexpectedEOF {
		t.Fatalf("request body: %v", err)
	}
	return v, string(body)
}

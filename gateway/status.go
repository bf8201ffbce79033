package gateway

import (
	"net/http"

	"github.com/postern-go/postern/headers"
)

// statusMode writes a CGI response (RFC 3875, section 6), which a web server
// turns into HTTP. Everything about the connection is the web server's.
type statusMode struct{}

// informational drops a 1xx: nginx and Apache would take it for the response.
func (statusMode) informational(*response, int) {}

// final turns 101 into 500, since there is no connection to switch.
func (statusMode) final(r *response, code int) int {
	if code == http.StatusSwitchingProtocols {
		r.run.logf("gateway: 101 Switching Protocols cannot pass a %s gateway", r.run.engine.Flags.Protocol)
		r.header = nil
		return http.StatusInternalServerError
	}
	return code
}

// appendHead puts Location before Status: HAProxy takes a Location that
// follows as a reason to answer 302.
func (m statusMode) appendHead(b []byte, r *response) []byte {
	for _, value := range r.header["Location"] {
		b = r.appendField(b, "Location", value)
	}
	b = append(b, "Status: "...)
	b = appendStatus(b, r.status)
	return r.appendFields(b, m.skip)
}

func (statusMode) skip(r *response, name string) bool {
	switch {
	case name == "Location":
		return true
	case http.CanonicalHeaderKey(name) == "Status":
		r.run.logf("gateway: Status header of the handler dropped: %q", r.header[name])
		return true
	case headers.IsHopByHop(name):
		r.run.logf("gateway: hop-by-hop header %s of the handler dropped", name)
		return true
	}
	return false
}

func (statusMode) appendTail(b []byte, r *response, first []byte) []byte {
	return append(r.appendEntity(b, first), '\r', '\n')
}

func (statusMode) sendBody(r *response, block []byte) {
	r.send(block)
}

func (statusMode) end(*response) {}

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

// final turns 101 into 500, since there is no connection to switch. The body
// that 101 does not have is not written.
func (statusMode) final(r *response, code int) int {
	if code == http.StatusSwitchingProtocols {
		r.run.logf("gateway: 101 Switching Protocols cannot pass a %s gateway", r.run.engine.Flags.Protocol)
		r.header = nil
		return http.StatusInternalServerError
	}
	return code
}

// appendHead puts Location before Status, unless the engine says otherwise. An
// empty one is not sent (RFC 3875, section 6.3): Apache would take it for a
// redirect.
func (m statusMode) appendHead(b []byte, r *response) []byte {
	var room [8]string
	names := r.names(room[:0])
	if r.run.engine.StatusFirst {
		b = m.appendStatus(b, r)
	}
	for _, name := range names {
		if !equalFold(name, "Location") {
			continue
		}
		for _, value := range r.header[name] {
			if value != "" {
				b = r.appendField(b, name, value)
			}
		}
	}
	if !r.run.engine.StatusFirst {
		b = m.appendStatus(b, r)
	}
	b = r.appendFields(b, names, m.skip)
	r.fields.trailer = false // there is none
	return b
}

func (statusMode) appendStatus(b []byte, r *response) []byte {
	return appendStatus(append(b, "Status: "...), int(r.status))
}

func (statusMode) skip(r *response, name string) bool {
	switch {
	case equalFold(name, "Location"):
		return true
	case equalFold(name, "Status"):
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

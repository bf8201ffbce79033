package gateway

import (
	"maps"
	"net/http"
	"strings"
)

// authorizerMode writes the decision of an authorizer (FastCGI 1.0, section
// 6.3). A 200 is reduced to what a web server heeds by the specification:
// Apache would pass other fields on to the client, and take a type or a length
// for that of its own response. Variables do not go with a refusal, whose fields
// the client gets.
type authorizerMode struct{ statusMode }

// variablePrefix begins the names of the fields that carry variables.
const variablePrefix = "Variable-"

// authorizes reports whether the response is a decision.
func (s *run) authorizes() bool {
	return s.engine.Authorizer && !s.engine.Origin
}

// final makes sure that an error page, whoever wrote it, does not allow.
func (m authorizerMode) final(r *response, code int) int {
	if code == http.StatusOK && r.run.panicked() != nil {
		r.run.logf("gateway: error page of an authorizer with status 200")
		return http.StatusInternalServerError
	}
	return m.statusMode.final(r, code)
}

func (m authorizerMode) appendHead(b []byte, r *response) []byte {
	if r.status != http.StatusOK {
		maps.DeleteFunc(r.header, func(name string, _ []string) bool { return isVariable(name) })
		return m.statusMode.appendHead(b, r)
	}
	var room [8]string
	names := r.names(room[:0])
	b = append(b, "Status: "...)
	b = appendStatus(b, int(r.status))
	return r.appendFields(b, names, func(_ *response, name string) bool { return !isVariable(name) })
}

func isVariable(name string) bool {
	n := len(variablePrefix)
	return len(name) > n && strings.EqualFold(name[:n], variablePrefix)
}

func (m authorizerMode) appendTail(b []byte, r *response, first []byte) []byte {
	if r.allows {
		return append(b, '\r', '\n')
	}
	return m.statusMode.appendTail(b, r, first)
}

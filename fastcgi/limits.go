package fastcgi

import (
	"bytes"
	"net/http"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

// The defaults of the fields of Server.
const (
	defaultAddr        = "127.0.0.1:9000"
	defaultMaxRequests = 256
	defaultMaxParams   = 1 << 20
	defaultMaxSpool    = 1 << 30
)

func (s *Server) maxRequests() int {
	return max(1, server.OrDefault(s.MaxRequests, defaultMaxRequests))
}

// announced is FCGI_MAX_REQS: what one connection can have under way for sure
// when the others have nothing.
func (s *Server) announced() int {
	if s.MaxTotalRequests > 0 {
		return min(s.maxRequests(), s.MaxTotalRequests)
	}
	return s.maxRequests()
}

func (s *Server) maxSpool() int64 {
	return server.OrDefault(s.MaxSpool, defaultMaxSpool)
}

// maxParams is 0 where there is no bound.
func (s *Server) maxParams() int {
	return max(0, server.OrDefault(s.MaxParams, defaultMaxParams))
}

func (s *Server) params() server.Vars {
	return server.Vars{Size: s.MaxParam, Count: s.MaxParamCount}
}

// overloadPage is what a request is told that there is no room for.
func (s *Server) overloadPage() []byte {
	var page bytes.Buffer
	s.engines[0].Refuse(&gateway.Streams{Output: &page}, http.StatusServiceUnavailable)
	return page.Bytes()
}

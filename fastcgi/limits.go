package fastcgi

import (
	"bytes"
	"net/http"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/server"
)

// The defaults of the fields of Server.
const (
	defaultAddr        = "127.0.0.1:9000"
	defaultMaxRequests = 256
	defaultMaxParams   = 1 << 20
	defaultMaxSpool    = 1 << 30

	defaultReadHeaderTimeout = 20 * time.Second
	defaultIdleTimeout       = 5 * time.Minute
	defaultReadTimeout       = 60 * time.Second
	defaultDrainTimeout      = 5 * time.Second
	defaultMaxDrainBytes     = 16 << 20
)

// The following are not positive where there is no bound; drainTimeout where
// there is no time.

func (s *Server) readHeaderTimeout() time.Duration {
	return server.OrDefault(s.ReadHeaderTimeout, defaultReadHeaderTimeout)
}

func (s *Server) idleTimeout() time.Duration {
	return server.OrDefault(s.IdleTimeout, defaultIdleTimeout)
}

func (s *Server) readTimeout() time.Duration {
	return server.OrDefault(s.ReadTimeout, defaultReadTimeout)
}

func (s *Server) drainTimeout() time.Duration {
	return server.OrDefault(s.DrainTimeout, defaultDrainTimeout)
}

func (s *Server) maxDrainBytes() int64 {
	return server.OrDefault(s.MaxDrainBytes, defaultMaxDrainBytes)
}

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

package scgi

import (
	"math"
	"time"

	"github.com/postern-go/postern/internal/server"
)

// The defaults of the fields of Server.
const (
	defaultAddr              = "127.0.0.1:4000"
	defaultMaxHeaderBytes    = 1 << 20
	defaultReadHeaderTimeout = 20 * time.Second
	defaultReadTimeout       = 60 * time.Second
	defaultDrainTimeout      = 5 * time.Second
	defaultMaxDrainBytes     = 16 << 20
	defaultMaxSpool          = 1 << 30

	// spareMemory is how much of what is set aside is held in memory, in bytes, before there is a file.
	spareMemory = 64 << 10
)

func (s *Server) maxHeaderBytes() int {
	switch {
	case s.MaxHeaderBytes == 0:
		return defaultMaxHeaderBytes
	case s.MaxHeaderBytes < 0:
		return math.MaxInt32
	}
	return s.MaxHeaderBytes
}

func (s *Server) readHeaderTimeout() time.Duration {
	return server.OrDefault(s.ReadHeaderTimeout, defaultReadHeaderTimeout)
}

func (s *Server) readTimeout() time.Duration {
	return server.OrDefault(s.ReadTimeout, defaultReadTimeout)
}

func (s *Server) maxSpool() int64 {
	return server.OrDefault(s.MaxSpool, defaultMaxSpool)
}

func (s *Server) vars() server.Vars {
	return server.Vars{Size: s.MaxVar, Count: s.MaxVarCount}
}

// drain hears the web server out, which has announced rest bytes more, before the connection closes.
func (s *Server) drain(c *server.Conn, rest int64) {
	d := server.OrDefault(s.DrainTimeout, defaultDrainTimeout)
	most := server.OrDefault(s.MaxDrainBytes, defaultMaxDrainBytes)
	if most < 0 {
		most = math.MaxInt64
	}
	if d > 0 {
		c.DrainRest(rest, most, d)
	}
}

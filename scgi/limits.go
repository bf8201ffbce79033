package scgi

import (
	"math"
	"time"
)

// The defaults of the fields of Server.
const (
	defaultAddr              = "127.0.0.1:4000"
	defaultMaxHeaderBytes    = 1 << 20
	defaultReadHeaderTimeout = 20 * time.Second
	defaultReadTimeout       = 60 * time.Second
)

const (
	// drainBytes and drainTime bound what is read and dropped after a response, so that the close does not destroy it.
	drainBytes = 16 << 20
	drainTime  = 5 * time.Second
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
	return orDefault(s.ReadHeaderTimeout, defaultReadHeaderTimeout)
}

func (s *Server) readTimeout() time.Duration {
	return orDefault(s.ReadTimeout, defaultReadTimeout)
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

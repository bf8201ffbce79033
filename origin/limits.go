package origin

import (
	"time"

	"github.com/postern-go/postern/internal/server"
)

// The defaults of the fields of Server.
const (
	defaultMaxHeaderBytes    = 64 << 10
	defaultReadHeaderTimeout = 10 * time.Second
	defaultReadTimeout       = 60 * time.Second
	defaultWriteTimeout      = 60 * time.Second
	defaultIdleTimeout       = 75 * time.Second
)

const (
	// maxChunkLine bounds a line of the chunked coding, in bytes without CRLF.
	maxChunkLine = 4096
	// maxExcess bounds, in bytes, what the lines of the chunked coding take
	// beyond 16 bytes for each chunk and twice its data.
	maxExcess = 16 << 10
	// maxTrailer bounds the trailer section, in bytes.
	maxTrailer = 16 << 10
	// maxUnread is how much unread body, in bytes, is read for the sake of the
	// next request.
	maxUnread = 256 << 10
	// writePiece is how much, in bytes, WriteTimeout is for.
	writePiece = 256 << 10
	// lingerBytes and lingerTime bound what is read and dropped after an
	// answer that ends the connection, so that the client can read it.
	lingerBytes = 16 << 20
	lingerTime  = 5 * time.Second
	// drainTime bounds the reading of an unread body.
	drainTime = 5 * time.Second
)

func (s *Server) maxHeaderBytes() int {
	if s.MaxHeaderBytes > 0 {
		return s.MaxHeaderBytes
	}
	return defaultMaxHeaderBytes
}

func (s *Server) readHeaderTimeout() time.Duration {
	return server.OrDefault(s.ReadHeaderTimeout, defaultReadHeaderTimeout)
}

func (s *Server) readTimeout() time.Duration {
	return server.OrDefault(s.ReadTimeout, defaultReadTimeout)
}

func (s *Server) writeTimeout() time.Duration {
	return server.OrDefault(s.WriteTimeout, defaultWriteTimeout)
}

func (s *Server) idleTimeout() time.Duration {
	return server.OrDefault(s.IdleTimeout, defaultIdleTimeout)
}

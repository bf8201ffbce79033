package gateway

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// logf says something about the request: to ErrorLog, or to the error stream.
func (s *run) logf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if log := s.engine.ErrorLog; log != nil {
		log.Warn(text, "method", s.req.Method, "uri", s.req.RequestURI)
		return
	}
	(*stderr)(s).Write([]byte(text + "\n"))
}

func (s *run) logError(what string, err error) {
	if log := s.engine.ErrorLog; log != nil {
		log.Warn("gateway: "+what, "err", err)
		return
	}
	(*stderr)(s).Write([]byte("gateway: " + what + ": " + err.Error() + "\n"))
}

// caller names the place in the application that called into the engine.
func caller() string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.Function, "postern/gateway.(*response)") && !strings.Contains(f.Function, "postern/gateway.(*hijackable)") {
			return fmt.Sprintf(" from %s (%s:%d)", f.Function, filepath.Base(f.File), f.Line)
		}
		if !more {
			return ""
		}
	}
}

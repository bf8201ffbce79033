package gateway

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
)

// recovered decides what becomes of an exchange whose handler panicked with
// value, which is nil after runtime.Goexit.
func (s *run) recovered(value any) *Failure {
	if value == http.ErrAbortHandler {
		return s.giveUp(&Failure{Reason: ErrAborted, Broken: true})
	}
	if value == nil {
		value = "runtime.Goexit called by the handler"
	}
	s.panicked = value
	s.logPanic(value)
	if f, gone := s.resp.failed().(*Failure); gone {
		return s.giveUp(f)
	}
	if s.resp.reset() && s.errorPage() {
		return &Failure{Reason: ErrPanic, Value: value}
	}
	return s.giveUp(&Failure{Reason: ErrPanic, Broken: true, Value: value})
}

func (s *run) giveUp(f *Failure) *Failure {
	s.resp.close()
	return f
}

// errorPage is wsgiref's error_output. It reports whether a whole page was
// written.
func (s *run) errorPage() (whole bool) {
	defer func() {
		if value := recover(); value != nil {
			s.logPanic(value)
			whole = false
		}
	}()
	s.resp.closing = true
	h := s.engine.ErrorHandler
	if h == nil {
		h = http.HandlerFunc(s.defaultPage)
	}
	h.ServeHTTP(&s.resp, &s.req)
	return s.resp.finish() == nil
}

// errorText is the sentence of wsgiref's error_body.
const errorText = "A server error occurred.  Please contact the administrator."

func (s *run) defaultPage(w http.ResponseWriter, _ *http.Request) {
	e := s.engine
	status, text := e.ErrorStatus, e.ErrorBody
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if text == "" {
		text = errorText
	}
	if e.ErrorHeaders == nil {
		w.Header().Set("Content-Type", "text/plain")
	}
	for name, value := range e.ErrorHeaders.All() {
		w.Header().Add(name, value)
	}
	w.WriteHeader(status)
	fmt.Fprint(w, text)
}

// logPanic writes the panic value and the stack, never to the client.
func (s *run) logPanic(value any) {
	stack := trace(s.engine.StackLimit)
	if log := s.engine.LogPanic; log != nil {
		log(&s.req, value, stack)
		return
	}
	text := fmt.Sprintf("panic serving %s %s: %v\n%s", s.req.Method, s.req.RequestURI, value, stack)
	s.exchange.Stderr().Write([]byte(text))
	if log := s.engine.ErrorLog; log != nil {
		log.Error("panic", "method", s.req.Method, "uri", s.req.RequestURI, "value", fmt.Sprint(value), "stack", string(stack))
	}
}

// trace describes the stack of a panic, from the place of the panic outwards
// to the engine, at most limit frames of it.
func trace(limit int) []byte {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	var b strings.Builder
	panicking := false
	for n := 0; limit <= 0 || n < limit; {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic":
			panicking = true
			b.Reset()
			n = 0
		case strings.HasSuffix(f.Function, "gateway.(*run).call") || !more:
			return []byte(b.String())
		case panicking && !strings.HasPrefix(f.Function, "runtime."):
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
			n++
		}
	}
	return []byte(b.String())
}

// PanicValue returns what the handler panicked with, for an error handler of
// the engine; otherwise nil.
func PanicValue(r *http.Request) any {
	if s := runOf(r); s != nil {
		return s.panicked
	}
	return nil
}

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
	defer s.ctx.close()
	switch value {
	case nil:
		s.logPanic("runtime.Goexit called by the handler")
		return s.giveUp(&Failure{Reason: ErrAborted, Broken: true})
	case any(http.ErrAbortHandler):
		return s.giveUp(&Failure{Reason: ErrAborted, Broken: true})
	}
	s.rare.Store(&rare{s.mounted(), value})
	s.logPanic(value)
	if f := s.resp.failure(); f != nil {
		return s.giveUp(f)
	}
	if s.resp.reset() && s.errorPage() {
		return &Failure{Reason: ErrPanic, Value: value}
	}
	return s.giveUp(&Failure{Reason: ErrPanic, Broken: !s.resp.hijacked(), Value: value})
}

// panicked returns what the handler panicked with, or nil.
func (s *run) panicked() any {
	if x := s.rare.Load(); x != nil {
		return x.panicked
	}
	return nil
}

func (s *run) giveUp(f *Failure) *Failure {
	s.resp.close()
	return f
}

// errorPage is wsgiref's error_output. It reports whether a whole page was
// written: the engine's own where an ErrorHandler fails before it began.
func (s *run) errorPage() bool {
	s.resp.closing = true
	if h := s.engine.ErrorHandler; h != nil {
		if s.writePage(h) {
			return true
		}
		if !s.resp.reset() {
			return false
		}
	}
	return s.writePage(http.HandlerFunc(s.defaultPage))
}

func (s *run) writePage(h http.Handler) (whole bool) {
	defer func() {
		value := recover()
		if value != nil && value != http.ErrAbortHandler {
			s.logPanic(value)
		}
	}()
	h.ServeHTTP(&s.resp.response, &s.req)
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
	(*stderr)(s).Write([]byte(text))
	if log := s.engine.ErrorLog; log != nil {
		log.Error("gateway: panic", "method", s.req.Method, "uri", s.req.RequestURI, "value", fmt.Sprint(value), "stack", string(stack))
	}
}

// trace describes the stack of a panic, from the place of the panic outwards
// to the engine, at most limit frames of it.
func trace(limit int) []byte {
	pcs := make([]uintptr, 64)
	n := runtime.Callers(3, pcs)
	for n == len(pcs) {
		pcs = make([]uintptr, 2*len(pcs))
		n = runtime.Callers(3, pcs)
	}
	frames := runtime.CallersFrames(pcs[:n])
	var b strings.Builder
	panicking, written := false, 0
	for {
		f, more := frames.Next()
		switch {
		case f.Function == "runtime.gopanic" && !panicking:
			panicking = true
		case f.Function == "runtime.gopanic":
			b.Reset() // this panic was first, the other one came on the way out
			written = 0
		case panicking && strings.Contains(f.Function, "postern/gateway.(*run)."), !more:
			return []byte(b.String())
		case panicking && !strings.HasPrefix(f.Function, "runtime.") && (limit <= 0 || written < limit):
			fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
			written++
		}
	}
}

// PanicValue returns what the handler panicked with, for an error handler of
// the engine; otherwise nil.
func PanicValue(r *http.Request) any {
	if s := runOf(r); s != nil {
		return s.panicked()
	}
	return nil
}

package validate

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/headers"
)

func bodyAllowed(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// tunnel reports whether what follows the head is no content, but the other
// side of a connection (RFC 9110, section 9.3.6).
func (x *exchange) tunnel(status int) bool {
	return x.method == http.MethodConnect && 200 <= status && status <= 299
}

func informational(code int) bool {
	return 100 <= code && code <= 199 && code != http.StatusSwitchingProtocols
}

// head checks a status before the server gets it. It reports whether it is the
// final one.
func (w *writer) head(code int) bool {
	invalid := code < 100 || code > 999
	w.mu.Lock()
	status := w.status
	done := status != 0 || w.hijacked || w.escaped
	first := !done && !invalid && !informational(code)
	if first {
		w.status = code
		w.snapshot()
	}
	w.mu.Unlock()
	x := w.exchange
	switch {
	case invalid:
		x.find("status-invalid", "", "WriteHeader got %d.", code)
	case first:
		w.checkHead(code)
	case status != 0 && informational(code):
		x.find("informational-after-head", "", "WriteHeader got %d after %d.", code, status)
	case status != 0:
		x.find("write-header-twice", "", "WriteHeader got %d after %d.", code, status)
	case !done:
		x.checkInformational(code, w.inner.Header())
	}
	return first
}

// checkHead checks the head. Where Report panics it was not sent, and the
// handler may recover and answer otherwise.
func (w *writer) checkHead(code int) {
	checked := false
	defer func() {
		if !checked {
			w.mu.Lock()
			w.status, w.length = 0, -1
			w.mu.Unlock()
		}
	}()
	w.exchange.checkHead(code, w.fields)
	checked = true
}

// implicitHead is the head that Write and Flush send when there was none.
func (w *writer) implicitHead() bool {
	w.mu.Lock()
	open := w.status == 0 && !w.hijacked
	w.mu.Unlock()
	return open && w.head(http.StatusOK)
}

// snapshot takes the header down, so that later changes show. The caller holds
// the mutex.
func (w *writer) snapshot() {
	h := w.inner.Header()
	w.keys = len(h)
	w.fields = appendFields(w.room[:0], h)
	w.length = -1
	if values := h["Content-Length"]; len(values) > 0 {
		if n, err := env.ParseLength(values[0]); err == nil && values[0] != "" {
			w.length = n
		}
	}
}

// settle takes the header down again when the server itself has added to the
// map with the head, as httptest does.
func (w *writer) settle() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if h := w.inner.Header(); len(h) != w.keys {
		w.keys = len(h)
		w.fields = appendFields(nil, h)
	}
}

// admit checks n bytes before the server gets them.
func (w *writer) admit(n int64) {
	w.mu.Lock()
	status, failed, total, length := w.status, w.failed, w.sample.total, w.length
	untyped := total == 0 && !hasField(w.fields, "Content-Type") && !hasField(w.fields, "Content-Encoding")
	blind := w.hijacked || w.escaped
	w.mu.Unlock()
	x := w.exchange
	switch {
	case n == 0 || blind:
	case failed != nil:
		x.find("write-error-ignored", "", "A write of %d bytes came after %q.", n, failed)
	case !bodyAllowed(status) || status == http.StatusResetContent:
		x.find("body-not-allowed", "", "%d bytes were written with status %d.", n, status)
	case length >= 0 && total+n > length:
		x.find("content-length-exceeded", "Content-Length", "It is %d, and %d bytes were written.", length, total+n)
	case x.method == http.MethodHead:
		x.find("body-on-head", "", "%d bytes were written.", n)
	case untyped && !x.tunnel(status):
		x.find("content-type-missing", "Content-Type", "%d bytes were written.", n)
	}
}

// wrote checks what the server made of a write of want bytes.
func (w *writer) wrote(n, want int, err error) {
	w.mu.Lock()
	status, total, length := w.status, w.sample.total, w.length
	blind := w.hijacked || w.escaped
	w.mu.Unlock()
	w.fail(err)
	x := w.exchange
	switch {
	case n < 0 || n > want || n < want && err == nil:
		x.find("writer-count", "", "Write of %d bytes returned %d, %v.", want, n, err)
	case err != nil || want == 0 || blind || x.returned.Load():
	case !bodyAllowed(status):
		x.find("writer-body-accepted", "", "%d bytes with status %d.", want, status)
	case length >= 0 && total > length:
		x.find("writer-overrun-accepted", "", "Content-Length is %d, and %d bytes were accepted.", length, total)
	}
}

// finish checks the response of a handler that has returned.
func (w *writer) finish() {
	w.mu.Lock()
	open, blind := w.status == 0, w.hijacked || w.escaped
	w.mu.Unlock()
	if blind || open && w.exchange.left() {
		return
	}
	if open {
		w.exchange.find("response-implicit", "", "Neither WriteHeader nor Write was called.")
		w.head(http.StatusOK)
	}
	w.finishLength()
	w.finishHeader()
}

func (w *writer) finishLength() {
	w.mu.Lock()
	short := w.length >= 0 && w.sample.total < w.length && w.failed == nil && !w.cut && bodyAllowed(w.status)
	length, total := w.length, w.sample.total
	w.mu.Unlock()
	x := w.exchange
	if short && x.method != http.MethodHead && !x.left() {
		x.find("content-length-short", "Content-Length", "It is %d, and %d bytes were written.", length, total)
	}
}

// finishHeader compares the header with that of the head. Only trailers may
// have come.
func (w *writer) finishHeader() {
	w.mu.Lock()
	fields, status := w.fields, w.status
	w.mu.Unlock()
	var room [16]headers.Field
	now := appendFields(room[:0], w.inner.Header())
	x := w.exchange
	x.checkTrailers(fields, now)
	for _, name := range changed(fields, now) {
		if !strings.HasPrefix(name, http.TrailerPrefix) && !lists(fields, "Trailer", name) {
			x.find("header-after-head", name, "The field %q is not what it was.", name)
		}
	}
	if x.method == http.MethodHead || !bodyAllowed(status) {
		return
	}
	for _, f := range fields {
		if f.Name != "Trailer" {
			continue
		}
		for name := range elements(f.Value) {
			if key := http.CanonicalHeaderKey(name); !hasField(now, key) && !hasField(now, http.TrailerPrefix+key) {
				x.find("trailer-unset", key, "The trailer %q was announced.", name)
			}
		}
	}
}

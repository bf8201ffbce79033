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

// head checks a status before the server gets it.
func (c *call) head(code int) {
	invalid := code < 100 || code > 999
	w := c.w
	w.mu.Lock()
	status := w.status
	done := status != 0 || w.hijacked || w.escaped
	first := !done && !invalid && !informational(code)
	if first {
		c.first = true
		w.status = code
		w.snapshot()
	}
	w.mu.Unlock()
	x := w.exchange
	switch {
	case invalid:
		x.find("status-invalid", "", "WriteHeader got %d.", code)
	case first:
		x.checkHead(code, w.fields)
	case status != 0 && informational(code):
		x.find("informational-after-head", "", "WriteHeader got %d after %d.", code, status)
	case status != 0:
		x.find("write-header-twice", "", "WriteHeader got %d after %d.", code, status)
	case !done:
		x.checkInformational(code, w.inner.Header())
	}
}

// implicitHead is the head that Write and Flush send when there was none.
func (c *call) implicitHead() {
	c.w.mu.Lock()
	open := c.w.status == 0 && !c.w.hijacked
	c.w.mu.Unlock()
	if open {
		c.head(http.StatusOK)
	}
}

// snapshot takes the header down, so that later changes show. The caller holds
// the mutex.
func (w *writer) snapshot() {
	w.fields = appendFields(w.room[:0], w.inner.Header())
	w.length = -1
	if value := fieldValue(w.fields, "Content-Length"); value != "" {
		if n, err := env.ParseLength(value); err == nil {
			w.length = n
		}
	}
}

// admit checks n bytes, before the server gets them where that can be.
func (c *call) admit(n int64) {
	w, x := c.w, c.w.exchange
	w.mu.Lock()
	status, failed, total, length := w.status, w.failed, w.accepted, w.length
	untyped := total == 0 && !hasField(w.fields, "Content-Type")
	blind := w.hijacked || w.escaped
	w.mu.Unlock()
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
func (c *call) wrote(n, want int64, err error) {
	w, x := c.w, c.w.exchange
	w.mu.Lock()
	if 0 <= n && n <= want {
		w.accepted += n
	}
	status, total, length := w.status, w.accepted, w.length
	blind := w.hijacked || w.escaped
	w.mu.Unlock()
	switch {
	case n < 0 || n > want || n < want && err == nil:
		x.find("writer-count", "", "Write of %d bytes returned %d, %v.", want, n, err)
	case err != nil || want == 0 || blind || x.returned.Load():
	case !bodyAllowed(status):
		x.find("writer-body-accepted", "", "%d bytes with status %d.", want, status)
	case length >= 0 && total > length && len(w.inner.Header()["Content-Length"]) > 0: // servers know no other spelling
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
		c := call{w: w}
		c.head(http.StatusOK)
	}
	w.finishLength()
	w.finishHeader()
}

func (w *writer) finishLength() {
	w.mu.Lock()
	short := w.length >= 0 && w.accepted < w.length && w.failed == nil && bodyAllowed(w.status)
	length, total := w.length, w.accepted
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
	fields, sent := w.fields, bodyAllowed(w.status) && w.failed == nil
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
	if x.method == http.MethodHead || !sent || x.left() {
		return
	}
	for _, f := range fields {
		if !sameName(f.Name, "Trailer") {
			continue
		}
		for name := range elements(f.Value) {
			if key := http.CanonicalHeaderKey(name); !hasField(now, key) && !hasField(now, http.TrailerPrefix+key) {
				x.find("trailer-unset", key, "The trailer %q was announced.", name)
			}
		}
	}
}

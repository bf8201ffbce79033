package validate

import "net/http"

// wrapped returns the writer with the optional interfaces of the server's: a
// type for each of their combinations, since methods cannot be left out.
func (x *exchange) wrapped() http.ResponseWriter {
	w := &x.writer
	f, h, r, p, n := flushes{w}, hijacks{w}, readFrom{w}, pushes{w}, notifies{w}
	switch abilities(w.inner) {
	case canFlush:
		return &writerF{w, f}
	case canHijack:
		return &writerH{w, h}
	case canFlush | canHijack:
		return &writerFH{w, f, h}
	case canReadFrom:
		return &writerR{w, r}
	case canFlush | canReadFrom:
		return &writerFR{w, f, r}
	case canHijack | canReadFrom:
		return &writerHR{w, h, r}
	case canFlush | canHijack | canReadFrom:
		return &writerFHR{w, f, h, r}
	case canPush:
		return &writerP{w, p}
	case canFlush | canPush:
		return &writerFP{w, f, p}
	case canHijack | canPush:
		return &writerHP{w, h, p}
	case canFlush | canHijack | canPush:
		return &writerFHP{w, f, h, p}
	case canReadFrom | canPush:
		return &writerRP{w, r, p}
	case canFlush | canReadFrom | canPush:
		return &writerFRP{w, f, r, p}
	case canHijack | canReadFrom | canPush:
		return &writerHRP{w, h, r, p}
	case canFlush | canHijack | canReadFrom | canPush:
		return &writerFHRP{w, f, h, r, p}
	case canNotify:
		return &writerN{w, n}
	case canFlush | canNotify:
		return &writerFN{w, f, n}
	case canHijack | canNotify:
		return &writerHN{w, h, n}
	case canFlush | canHijack | canNotify:
		return &writerFHN{w, f, h, n}
	case canReadFrom | canNotify:
		return &writerRN{w, r, n}
	case canFlush | canReadFrom | canNotify:
		return &writerFRN{w, f, r, n}
	case canHijack | canReadFrom | canNotify:
		return &writerHRN{w, h, r, n}
	case canFlush | canHijack | canReadFrom | canNotify:
		return &writerFHRN{w, f, h, r, n}
	case canPush | canNotify:
		return &writerPN{w, p, n}
	case canFlush | canPush | canNotify:
		return &writerFPN{w, f, p, n}
	case canHijack | canPush | canNotify:
		return &writerHPN{w, h, p, n}
	case canFlush | canHijack | canPush | canNotify:
		return &writerFHPN{w, f, h, p, n}
	case canReadFrom | canPush | canNotify:
		return &writerRPN{w, r, p, n}
	case canFlush | canReadFrom | canPush | canNotify:
		return &writerFRPN{w, f, r, p, n}
	case canHijack | canReadFrom | canPush | canNotify:
		return &writerHRPN{w, h, r, p, n}
	case canFlush | canHijack | canReadFrom | canPush | canNotify:
		return &writerFHRPN{w, f, h, r, p, n}
	}
	return w
}

// The combinations are named by their letters: F is Flusher, H is Hijacker, R is
// io.ReaderFrom, P is http.Pusher, N is http.CloseNotifier.
type (
	writerF struct {
		*writer
		flushes
	}
	writerH struct {
		*writer
		hijacks
	}
	writerFH struct {
		*writer
		flushes
		hijacks
	}
	writerR struct {
		*writer
		readFrom
	}
	writerFR struct {
		*writer
		flushes
		readFrom
	}
	writerHR struct {
		*writer
		hijacks
		readFrom
	}
	writerFHR struct {
		*writer
		flushes
		hijacks
		readFrom
	}
	writerP struct {
		*writer
		pushes
	}
	writerFP struct {
		*writer
		flushes
		pushes
	}
	writerHP struct {
		*writer
		hijacks
		pushes
	}
	writerFHP struct {
		*writer
		flushes
		hijacks
		pushes
	}
	writerRP struct {
		*writer
		readFrom
		pushes
	}
	writerFRP struct {
		*writer
		flushes
		readFrom
		pushes
	}
	writerHRP struct {
		*writer
		hijacks
		readFrom
		pushes
	}
	writerFHRP struct {
		*writer
		flushes
		hijacks
		readFrom
		pushes
	}
	writerN struct {
		*writer
		notifies
	}
	writerFN struct {
		*writer
		flushes
		notifies
	}
	writerHN struct {
		*writer
		hijacks
		notifies
	}
	writerFHN struct {
		*writer
		flushes
		hijacks
		notifies
	}
	writerRN struct {
		*writer
		readFrom
		notifies
	}
	writerFRN struct {
		*writer
		flushes
		readFrom
		notifies
	}
	writerHRN struct {
		*writer
		hijacks
		readFrom
		notifies
	}
	writerFHRN struct {
		*writer
		flushes
		hijacks
		readFrom
		notifies
	}
	writerPN struct {
		*writer
		pushes
		notifies
	}
	writerFPN struct {
		*writer
		flushes
		pushes
		notifies
	}
	writerHPN struct {
		*writer
		hijacks
		pushes
		notifies
	}
	writerFHPN struct {
		*writer
		flushes
		hijacks
		pushes
		notifies
	}
	writerRPN struct {
		*writer
		readFrom
		pushes
		notifies
	}
	writerFRPN struct {
		*writer
		flushes
		readFrom
		pushes
		notifies
	}
	writerHRPN struct {
		*writer
		hijacks
		readFrom
		pushes
		notifies
	}
	writerFHRPN struct {
		*writer
		flushes
		hijacks
		readFrom
		pushes
		notifies
	}
)

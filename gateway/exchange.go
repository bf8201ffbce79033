package gateway

import (
	"io"
	"net/http"

	"github.com/postern-go/postern/env"
)

// An Exchange is what a front end supplies for one request. Its methods are
// those that a subclass of wsgiref's BaseHandler must define. The engine calls
// Write and Flush from one goroutine at a time.
type Exchange interface {
	// AddCGIVars adds the variables of the request. It is not called any more
	// when Run has returned: their memory may then be another's, but what it has
	// added stays.
	AddCGIVars(v *env.Vars)
	// Stdin returns the request body as the protocol delivers it. Its Read
	// returns io.EOF only where the protocol says that the body ends; a peer
	// that is gone is another error. The engine stops at CONTENT_LENGTH.
	// Reads that wait or begin while Run returns are the front end's to end.
	Stdin() io.Reader
	// Stderr returns the error stream of the request. It is written by one
	// goroutine at a time, and not after Run has returned.
	Stderr() io.Writer
	// Write buffers p for transmission, or transmits it. It does not keep p.
	Write(p []byte) (int, error)
	// Flush transmits what Write buffered.
	Flush() error
}

// A Requester is an Exchange that has parsed an HTTP request itself. The engine
// copies that request with its URL, and asks for the variables when somebody wants them.
// Body and context of the request are the engine's to set; ContentLength is -1
// when the end of Stdin is the end of the body.
type Requester interface {
	Request() (*http.Request, error)
}

// A Teller is an Exchange whose variables are cheap to go through. The engine
// makes the request of what they say, and a list only when somebody wants one:
// it calls TellCGIVars in place of AddCGIVars, or before it.
type Teller interface {
	// TellCGIVars adds what AddCGIVars adds, in the same order. Where the memory of
	// the strings will be used for something else, it calls b.Own after that.
	TellCGIVars(b *env.RequestBuilder)
}

// A Refuser is an Exchange that says in a log of its own why its request was
// refused. The engine says nothing then.
type Refuser interface {
	Refused(cause error)
}

// A Watcher is an Exchange that can tell while the handler runs that its
// request has been aborted.
type Watcher interface {
	// Attach is called before the handler runs. From then until Run returns
	// the front end may call c.Cancel, from any goroutine.
	Attach(c Canceler)
	// Watch is called, at most once, when the handler begins to wait for the
	// end of its context: from now on the front end must notice. It is not
	// called after Run has returned. It may call Cancel.
	Watch()
}

// A Poller is a Watcher that also wants to know whenever the handler asks whether
// its context has ended, without waiting for it.
type Poller interface {
	// Polled is called from any goroutine until Run returns, and a little
	// after. It may call Cancel, and must not wait.
	Polled()
}

// A Canceler ends the context of one running request.
type Canceler interface {
	// Cancel ends the request context because the request was aborted or the
	// peer is gone: writes and body reads fail from now on. Only the first call
	// counts. It does not wait for anything, so the caller may hold locks.
	Cancel(cause error)
}

// A Persister is an Exchange, in origin mode, that knows or wants to know whether
// its connection outlives the response.
type Persister interface {
	// Last reports, before the response begins, that no other follows. The
	// response then says so.
	Last() bool
	// CloseAfter says that the response just begun is the last one.
	CloseAfter()
}

// A Copier is an Exchange that can send a file without its bytes passing
// through the program: io.ReaderFrom, the optional interface of io.Copy.
//
// The engine calls ReadFrom in place of Write for a body that needs no framing.
// src is a regular file, as a syscall.Conn, or an *io.LimitedReader around one.
// What Write has buffered goes first; when ReadFrom returns, what it read may be
// buffered, too. After an error in sending, Flush returns an error as well.
type Copier interface {
	io.ReaderFrom
}

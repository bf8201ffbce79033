package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"

	"github.com/postern-go/postern/env"
)

// A run is one request under way. Request, URL, context and response are one
// allocation, which is never used again: a handler may keep any of them.
type run struct {
	engine   *Engine
	exchange Exchange
	root     http.Handler // that Run was given

	req  http.Request
	url  url.URL
	ctx  requestContext
	body *body // nil: the request has none
	resp hijackable
	rare atomic.Pointer[rare] // nil: there is nothing of that

	first    [1]byte       // of the body
	peeked   bool          // first has been read, for the body
	attached bool          // the exchange watches
	varsKept bool          // somebody else has seen the variables
	past     atomic.Uint32 // what has come to pass, see below
	errsMu   sync.Mutex    // one write to the error stream at a time
	varsMu   sync.Mutex
	vars     *env.Vars // nil until a Requester's are made, and when Run has returned
}

// What may have come to pass of a run.
const (
	returning uint32 = 1 << iota // Run returns: the exchange is the front end's again
	logging                      // somebody writes to the error stream, or is about to, or did
)

func (s *run) did(what uint32) bool { return s.past.Load()&what != 0 }

// A rare is what few requests have. It is not changed: hooks that are called with
// the mutex of the response held may ask for it.
type rare struct {
	mounted  mounted
	panicked any // what the handler panicked with
}

// allVars has the variables of requests that nobody asked for them, and builders
// the makers of requests.
var (
	allVars  = sync.Pool{New: func() any { return new(env.Vars) }}
	builders = sync.Pool{New: func() any { return new(env.RequestBuilder) }}
)

func (s *run) releaseBuilder(b *env.RequestBuilder) {
	if !s.engine.Flags.RunOnce {
		b.Reset()
		builders.Put(b)
	}
}

// manyVars is how many variables a list has that is not used again.
const manyVars = 128

var noRequest http.Request

// errVersion: a client of HTTP/0.9 could not read the head of a response.
var errVersion = errors.New("gateway: HTTP/0.9 is not answered")

func newRun(ctx context.Context, e *Engine, x Exchange) *run {
	s := &run{engine: e, exchange: x}
	s.ctx.parent, s.ctx.run = ctx, s
	s.resp.init(s)
	s.req = *noRequest.WithContext(&s.ctx)
	return s
}

// setup builds the request. Its error says why there is none: a *Failure when
// there is nobody left to tell.
func (s *run) setup() error {
	if q, ok := s.exchange.(Requester); ok {
		return s.setupParsed(q)
	}
	if err := s.build(); err != nil {
		return err
	}
	if s.engine.Origin && s.req.ProtoMajor < 1 {
		return errVersion
	}
	if s.authorizes() {
		s.req.TransferEncoding = nil
		s.resp.begin(&s.req)
		return s.setBody(0)
	}
	n, err := s.bodyLength()
	if err != nil {
		return &Failure{Reason: ErrPeerGone, Broken: true, Err: err}
	}
	s.resp.begin(&s.req)
	return s.setBody(n)
}

// build makes the request of the variables. There is a list of them only where
// somebody has a say in them, or wants them later.
func (s *run) build() error {
	b := take[env.RequestBuilder](&builders, s.engine.Flags.RunOnce)
	defer s.releaseBuilder(b)
	if t, ok := s.exchange.(Teller); ok && s.plain() {
		t.TellCGIVars(b)
	} else {
		s.setupVars()
		for name, value := range s.vars.Pairs() {
			b.Add(name, value)
		}
	}
	if err := b.Fill(&s.req, &s.url); err != nil {
		return err
	}
	s.mountAt(s.mountPoint(b.Script()))
	return nil
}

// plain reports that nothing in setupVars changes what a request is made of.
func (s *run) plain() bool {
	e := s.engine
	return e.SetupEnviron == nil && e.Scheme == nil && e.BaseVars == nil && !s.authorizes()
}

func (s *run) setupParsed(q Requester) error {
	r, err := q.Request()
	if err != nil {
		return err
	}
	s.req, s.url = *r.WithContext(&s.ctx), *r.URL
	s.req.URL = &s.url
	s.mountAt(s.configuredMount())
	s.resp.begin(&s.req)
	return s.setBody(s.req.ContentLength)
}

// setupVars is wsgiref's setup_environ.
func (s *run) setupVars() {
	e := s.engine
	s.vars = take[env.Vars](&allVars, e.Flags.RunOnce)
	s.exchange.AddCGIVars(s.vars)
	s.vars.Clean()
	if s.authorizes() {
		s.vars.Del("CONTENT_LENGTH")
	}
	if e.BaseVars != nil {
		s.addMissing(e.BaseVars)
	}
	if e.Origin && e.ServerSoftware != "" && s.vars.Get("SERVER_SOFTWARE") == "" {
		s.vars.Set("SERVER_SOFTWARE", e.ServerSoftware)
	}
	if e.SetupEnviron != nil {
		s.varsKept = true
		e.SetupEnviron(s.vars)
	}
	if e.Scheme != nil {
		s.varsKept = true
		s.setScheme(e.Scheme(s.vars))
	}
}

func (s *run) addMissing(base *env.Vars) {
	for name, value := range base.All() {
		if _, found := s.vars.Lookup(name); !found {
			s.vars.Add(name, value)
		}
	}
}

// environ returns the variables, made now if nobody wanted them before. Who
// asks first when Run has returned gets those of the request alone.
func (s *run) environ() *env.Vars {
	if v := s.given(); v != nil {
		return v
	}
	late := env.FromRequest(&s.req) // which asks for given, too
	s.varsMu.Lock()
	defer s.varsMu.Unlock()
	if s.vars == nil {
		s.vars = late
	}
	return s.vars
}

// given returns the variables that the request came with, nil when it is over
// and nobody asked before.
func (s *run) given() *env.Vars {
	s.varsMu.Lock()
	defer s.varsMu.Unlock()
	s.varsKept = true
	if s.vars == nil && !s.did(returning) {
		s.setupVars()
	}
	return s.vars
}

// closeVars ends the use of the exchange, and gives the variables up if nobody
// has seen them.
func (s *run) closeVars() {
	s.varsMu.Lock()
	defer s.varsMu.Unlock()
	s.past.Or(returning)
	if s.vars == nil || s.varsKept {
		return
	}
	if s.vars.Len() <= manyVars && !s.engine.Flags.RunOnce {
		s.vars.Reset()
		allVars.Put(s.vars)
	}
	s.vars = nil
}

// bodyLength settles the length of the body. Without CONTENT_LENGTH there is a
// body when a transfer coding was announced; otherwise the first byte tells,
// where the protocol marks the end.
func (s *run) bodyLength() (int64, error) {
	n := s.req.ContentLength
	if n >= 0 || s.req.TransferEncoding != nil {
		return n, nil
	}
	if !s.engine.BodyEnds {
		return 0, nil
	}
	empty, err := s.empty()
	if empty {
		n = 0
	}
	return n, err
}

// empty waits for the first byte of a body of unknown length and reports
// whether the body ends before it.
func (s *run) empty() (bool, error) {
	n, err := io.ReadFull(s.exchange.Stdin(), s.first[:])
	s.peeked = n == 1
	if err == io.EOF {
		return true, nil
	}
	return false, err
}

func (s *run) setBody(n int64) error {
	s.req.ContentLength = n
	if n == 0 {
		s.req.Body = http.NoBody
		return nil
	}
	if max := s.engine.MaxBodyBytes; max > 0 && n > max {
		s.req.Body = http.NoBody
		return fmt.Errorf("gateway: body of %d bytes: %w", n, &http.MaxBytesError{Limit: max})
	}
	s.body = &body{run: s, left: n, room: s.engine.MaxBodyBytes}
	s.body.expect = s.engine.Origin && s.resp.http11 && expectsContinue(&s.req)
	s.req.Body = s.body
	return nil
}

// call runs the handler. A non-nil result is the outcome of the exchange.
func (s *run) call(h http.Handler) (f *Failure) {
	returned := false
	defer func() {
		if !returned {
			f = s.recovered(recover())
		}
	}()
	h.ServeHTTP(s.resp.writer(), &s.req)
	returned = true
	return nil
}

// close ends what must not outlive the handler.
func (s *run) close() {
	s.closeVars()
	if s.body != nil {
		s.body.closed.Store(true)
	}
	s.ctx.close()
	s.resp.close()
	s.closeStderr()
	if form := s.req.MultipartForm; form != nil {
		form.RemoveAll()
	}
}

// reject answers a request that the variables do not describe, or whose body is
// too large.
func (s *run) reject(err error) error {
	if r, ok := s.exchange.(Refuser); ok {
		r.Refused(err)
	} else {
		s.logError("request refused", err)
	}
	status := http.StatusBadRequest
	if errors.As(err, new(*http.MaxBytesError)) {
		status = http.StatusRequestEntityTooLarge
	}
	if f := s.refuse(status); f != nil {
		return f
	}
	return &Failure{Reason: ErrBadRequest, Err: err}
}

func (s *run) refuse(status int) error {
	s.resp.reset()
	s.resp.closing = true
	h := s.resp.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	s.resp.WriteHeader(status)
	s.resp.WriteString(reason(status) + "\n")
	return s.resp.finish()
}

package gateway

import (
	"context"
	"net/http"
	"net/url"
	"sync"

	"github.com/postern-go/postern/env"
)

// A run is one request under way. Request, URL, context, body and response are
// one allocation, which is never used again: a handler may keep any of them.
type run struct {
	engine   *Engine
	exchange Exchange
	watcher  Watcher

	req  http.Request
	url  url.URL
	ctx  requestContext
	body body
	resp response

	vars     env.Vars
	varsOnce sync.Once // guards vars where a Requester makes them on demand
	mount    string
	panicked any
}

var noRequest http.Request

func newRun(ctx context.Context, e *Engine, x Exchange) *run {
	s := &run{engine: e, exchange: x}
	s.ctx.parent, s.ctx.run = ctx, s
	s.body.run = s
	s.resp.init(s)
	s.req = *noRequest.WithContext(&s.ctx)
	return s
}

// setup builds the request. Its error says why there is none.
func (s *run) setup() error {
	if q, ok := s.exchange.(Requester); ok {
		return s.setupParsed(q)
	}
	s.setupVars()
	s.varsOnce.Do(func() {})
	if err := s.vars.FillRequest(&s.req, &s.url); err != nil {
		return err
	}
	s.mount = s.mountPoint()
	return s.setupBody()
}

func (s *run) setupParsed(q Requester) error {
	r, err := q.Request()
	if err != nil {
		return err
	}
	s.req = *r.WithContext(&s.ctx)
	s.mount = s.configuredMount()
	s.setBody(s.req.ContentLength)
	return nil
}

// setupVars is wsgiref's setup_environ.
func (s *run) setupVars() {
	e := s.engine
	s.exchange.AddCGIVars(&s.vars)
	if e.BaseVars != nil {
		s.addMissing(e.BaseVars)
	}
	if e.Origin && e.ServerSoftware != "" && s.vars.Get("SERVER_SOFTWARE") == "" {
		s.vars.Set("SERVER_SOFTWARE", e.ServerSoftware)
	}
	if e.SetupEnviron != nil {
		e.SetupEnviron(&s.vars)
	}
}

func (s *run) addMissing(base *env.Vars) {
	for name, value := range base.All() {
		if _, found := s.vars.Lookup(name); !found {
			s.vars.Add(name, value)
		}
	}
}

// environ returns the variables, made now if nobody wanted them before.
func (s *run) environ() *env.Vars {
	s.varsOnce.Do(s.setupVars)
	return &s.vars
}

// setupBody settles the length of the body. Without CONTENT_LENGTH there is a
// body when a transfer coding was announced; otherwise the first byte tells,
// where the protocol marks the end.
func (s *run) setupBody() error {
	n := s.req.ContentLength
	if n < 0 && s.req.TransferEncoding == nil {
		if !s.engine.BodyEnds {
			n = 0
		} else {
			empty, err := s.body.empty()
			if err != nil {
				return err
			}
			if empty {
				n = 0
			}
		}
	}
	s.setBody(n)
	return nil
}

func (s *run) setBody(n int64) {
	s.req.ContentLength = n
	if n == 0 {
		s.req.Body = http.NoBody
		return
	}
	s.body.left = n
	s.body.expect = s.engine.Origin && expectsContinue(&s.req)
	s.req.Body = &s.body
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
	s.body.closed.Store(true)
	s.ctx.Cancel(context.Canceled)
	s.resp.close()
}

// reject answers a request that the variables do not describe.
func (s *run) reject(err error) error {
	s.logError("request refused", err)
	s.req.Method, s.req.ProtoMajor, s.req.ProtoMinor = "GET", 1, 1
	if f := s.refuse(http.StatusBadRequest); f != nil {
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

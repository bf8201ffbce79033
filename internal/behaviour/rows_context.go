package behaviour

import (
	"context"
	"net"
	"net/http"
)

func contextRows() []Row {
	return []Row{
		{Name: "context while running", Why: "the context lives while the handler runs",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Err("context", r.Context().Err())
				select {
				case <-r.Context().Done():
					p.Note("done")
				default:
				}
				_, ok := r.Context().Deadline()
				p.Note("deadline %v", ok)
			},
			Want: `
200 OK
Content-Length: 0
> context: ok
> deadline false
`},
		{Name: "context after return", Why: "the context ends with the handler",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				ctx := r.Context()
				p.After(func() {
					<-ctx.Done()
					p.Err("context", ctx.Err())
					p.Err("cause", context.Cause(ctx))
				})
			},
			Want: `
200 OK
Content-Length: 0
> context: context canceled
> cause: context canceled
`},
		{Name: "derived context after return", Why: "so do contexts that derive from it",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				ctx, cancel := context.WithCancel(context.WithValue(r.Context(), p, 1))
				p.After(func() {
					<-ctx.Done()
					p.Err("context", ctx.Err())
					cancel()
				})
			},
			Want: `
200 OK
Content-Length: 0
> context: context canceled
`},
		{Name: "context.AfterFunc", Why: "what was put off until the end of the context is done then",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				done := make(chan struct{})
				context.AfterFunc(r.Context(), func() { close(done) })
				stopped := context.AfterFunc(r.Context(), func() { p.Note("never") })
				p.Note("stopped %v", stopped())
				p.After(func() { <-done })
			},
			Want: `
200 OK
Content-Length: 0
> stopped true
`},
		{Name: "client leaves", Why: "the context ends when the client goes away", Leaves: true,
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				p.Leave()
				<-r.Context().Done()
				p.Err("context", r.Context().Err())
				p.Err("cause", context.Cause(r.Context()))
			},
			Want: `
> context: context canceled
> cause: context canceled
`},
		{Name: "client leaves, derived context", Why: "contexts that derive from it end, too", Leaves: true,
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				ctx, cancel := context.WithCancel(r.Context())
				defer cancel()
				p.Leave()
				<-ctx.Done()
				p.Err("context", ctx.Err())
			},
			Want: `
> context: context canceled
`},
		{Name: "client leaves, CloseNotify", Why: "programs that are older than the context are told, too", Leaves: true,
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, ok := w.(interface{ CloseNotify() <-chan bool })
				p.Note("CloseNotify %v", ok)
				gone := n.CloseNotify()
				p.Leave()
				p.Note("%v", <-gone)
			},
			Want: `
> CloseNotify true
> true
`},
		{Name: "local address", Why: "the context knows the server's address",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
				p.Note("*net.TCPAddr %v, %v", ok, ok && addr.IP.IsLoopback())
			},
			Want: `
200 OK
Content-Length: 0
> *net.TCPAddr true, true
`},
		{Name: "server of the request", Why: "the context knows the server",
			Handler: func(_ http.ResponseWriter, r *http.Request, p *Probe) {
				_, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
				p.Note("*http.Server %v", ok)
			},
			Want: `
200 OK
Content-Length: 0
> *http.Server true
`},
	}
}

package httpbin

import (
	"net/http"
	"sync"

	upstream "github.com/mccutchen/go-httpbin/v2/httpbin"
)

// handler is what all front ends serve.
func handler() http.Handler { return inLockstep(upstream.New()) }

// An observer is a handler that knows which routes its requests have taken.
type observer struct {
	http.Handler
	pending sync.WaitGroup
	mu      sync.Mutex
	routes  map[string]bool
}

func observe(h http.Handler) *observer { return &observer{Handler: h, routes: map[string]bool{}} }

func (o *observer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.pending.Add(1)
	defer o.pending.Done()
	defer func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.routes[r.Pattern] = true
	}()
	o.Handler.ServeHTTP(w, r)
}

// all returns the routes of the requests that were answered.
func (o *observer) all() map[string]bool {
	o.pending.Wait()
	return o.routes
}

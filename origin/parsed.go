package origin

import (
	"net/http"
	"net/url"
	"sync"
)

// A parsed is a request as the exchange knows it. The handler has a copy, so
// that the next request can have the memory.
type parsed struct {
	req http.Request
	url url.URL
}

var allParsed = sync.Pool{New: func() any { return new(parsed) }}

// newParsed takes an empty one. A hook may keep the request that it asks for.
func (c *conn) newParsed() *parsed {
	var p *parsed
	if c.srv.HandleExchange == nil {
		p = allParsed.Get().(*parsed)
	} else {
		p = new(parsed)
	}
	p.req.URL = &p.url
	return p
}

// release gives p back when the exchange has ended.
func (c *conn) release(p *parsed) {
	if c.srv.HandleExchange == nil {
		*p = parsed{}
		allParsed.Put(p)
	}
}

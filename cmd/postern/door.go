package main

import (
	"net/http"
	"time"

	"github.com/postern-go/postern/internal/address"
)

// door is the front door of the demo: every gate under its path, and at / the page that goes through all of them.
type door struct {
	*http.ServeMux
	gates    []gate
	at       address.Address
	client   http.RoundTripper // to the door itself
	patience time.Duration
}

func newDoor(gates []gate) *door {
	d := &door{ServeMux: http.NewServeMux(), gates: gates, patience: patience}
	for _, g := range gates {
		d.Handle(g.Path, g.handler)
	}
	d.HandleFunc("GET /{$}", d.page)
	return d
}

// open tells the door its own address, before the first request. The page asks as any client does.
func (d *door) open(at address.Address) {
	d.at, d.client = at, dialTransport(at)
}

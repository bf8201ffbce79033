package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/postern-go/postern/internal/address"
)

// maxReport bounds what the page reads from a gate, in bytes.
const maxReport = 1 << 20

// door is the front door of the demo: every gate under its path, and at / the page that goes through all of them.
type door struct {
	*http.ServeMux
	gates  []gate
	client http.Client
}

func newDoor(gates []gate) *door {
	d := &door{ServeMux: http.NewServeMux(), gates: gates}
	for _, g := range gates {
		d.Handle(g.Path, g.handler)
	}
	d.HandleFunc("GET /{$}", d.page)
	return d
}

// open tells the door its own address, before the first request. The page asks as any client does.
func (d *door) open(at address.Address) {
	d.client.Transport = dialTransport(at)
}

// passage is what came through one gate.
type passage struct {
	gate
	Status string
	Time   time.Duration
	Report report
	Error  string // why there is no report, otherwise empty
}

// pass asks every gate at once, each over its real protocol, for what it makes of the visitor's request.
func (d *door) pass(r *http.Request) []passage {
	passages := make([]passage, len(d.gates))
	var wg sync.WaitGroup
	for i, g := range d.gates {
		wg.Go(func() {
			start := time.Now()
			passages[i] = passage{gate: g}
			if err := d.ask(r, &passages[i]); err != nil {
				passages[i].Error = err.Error()
			}
			passages[i].Time = time.Since(start).Round(10 * time.Microsecond)
		})
	}
	wg.Wait()
	return passages
}

func (d *door) ask(visitor *http.Request, p *passage) error {
	r, err := http.NewRequestWithContext(visitor.Context(), http.MethodGet, "http://postern"+p.Path, nil)
	if err != nil {
		return err
	}
	r.URL.RawQuery, r.Host = visitor.URL.RawQuery, visitor.Host
	r.Header.Set("Accept", reportType)
	r.Header.Set("User-Agent", visitor.UserAgent())
	answer, err := d.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	p.Status = answer.Status
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxReport))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, &p.Report); err != nil {
		return fmt.Errorf("no report in %.200q", body)
	}
	return nil
}

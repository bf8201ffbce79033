package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxReport bounds what the page reads from a gate, in bytes.
const maxReport = 1 << 20

// patience is how long the page waits for a gate.
const patience = 3 * time.Second

// passage is what came through one gate.
type passage struct {
	gate
	Status string // empty without an answer
	Time   time.Duration
	Report report // empty when there is an Error
	Error  string // why there is no report, otherwise empty
}

// pass asks every gate over its real protocol for what it makes of the visitor's query: one after another, so that none takes the time of another.
func (d *door) pass(visitor *http.Request) []passage {
	passages := make([]passage, len(d.gates))
	for i, g := range d.gates {
		passages[i] = d.ask(visitor, g)
	}
	return passages
}

func (d *door) ask(visitor *http.Request, g gate) passage {
	p, start := passage{gate: g}, time.Now()
	ctx, cancel := context.WithTimeoutCause(visitor.Context(), d.patience, fmt.Errorf("no answer within %v", d.patience))
	defer cancel()
	if err := d.fill(ctx, visitor, &p); err != nil {
		p.Report, p.Error = report{}, err.Error()
		if ctx.Err() != nil {
			p.Error = context.Cause(ctx).Error()
		}
	}
	p.Time = time.Since(start)
	return p
}

// fill asks as any client of the front door does.
func (d *door) fill(ctx context.Context, visitor *http.Request, p *passage) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://postern"+p.Path, nil)
	if err != nil {
		return err
	}
	r.URL.RawQuery, r.Host = visitor.URL.RawQuery, visitor.Host
	r.Header.Set("Accept", reportType)
	r.Header.Set("User-Agent", visitor.UserAgent())
	answer, err := d.client.RoundTrip(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	p.Status = answer.Status
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxReport))
	switch {
	case err != nil:
		return err
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("no report but %.200q: standard error says why", bytes.TrimSpace(body))
	}
	if err := json.Unmarshal(body, &p.Report); err != nil {
		return fmt.Errorf("no report in %.200q", body)
	}
	return nil
}

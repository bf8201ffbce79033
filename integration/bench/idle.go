package main

import (
	"context"
	"fmt"
	"os"
)

// measureIdle holds connections open and reads how much memory they take: what
// is resident beyond that of the same server without any.
func (s *site) measureIdle(ctx context.Context, r row) ([]result, error) {
	var results []result
	for _, name := range r.peers {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		empty, err := s.holding(r, name, 0)
		if err != nil {
			return nil, fmt.Errorf("bench: %s: %w", name, err)
		}
		full, err := s.holding(r, name, r.idle)
		if err != nil {
			return nil, fmt.Errorf("bench: %s: %w", name, err)
		}
		results = append(results, summary(name, []sample{{memory: (full - empty) / float64(r.idle)}}))
	}
	return results, nil
}

// holding returns the resident memory of a server with n idle connections.
func (s *site) holding(r row, name string, n int) (float64, error) {
	v, err := s.serve(r, name, n)
	if err != nil {
		return 0, err
	}
	defer os.Remove(v.socket)
	defer v.proc.stop()
	release, err := v.work.Hold(v.network, v.addr, n, 11)
	if err != nil {
		return 0, err
	}
	defer release()
	if v.control {
		if _, err := v.proc.ask("free"); err != nil {
			return 0, err
		}
	}
	return v.proc.resident(), nil
}

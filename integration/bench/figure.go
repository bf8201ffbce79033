package main

import (
	"fmt"
	"slices"
)

// A figure is something that is measured for one request.
type figure string

// The figures.
const (
	cpu    figure = "CPU, µs"
	calls  figure = "system calls"
	writes figure = "writes"
	reads  figure = "reads"
	allocs figure = "allocations"
	bytes  figure = "bytes allocated"
	memory figure = "resident memory, bytes"
)

// figures are all of them in the order of the tables.
var figures = []figure{cpu, calls, writes, reads, allocs, bytes, memory}

// A sample is one measurement.
type sample map[figure]float64

// A result is what was found out about one peer at one kind of work.
type result struct {
	peer   string
	median sample
	low    sample
	high   sample
}

// summary makes a result of the samples of all rounds.
func summary(peer string, samples []sample) result {
	r := result{peer, sample{}, sample{}, sample{}}
	for _, f := range figures {
		var all []float64
		for _, s := range samples {
			if v, found := s[f]; found {
				all = append(all, v)
			}
		}
		if len(all) == 0 {
			continue
		}
		slices.Sort(all)
		r.median[f] = (all[(len(all)-1)/2] + all[len(all)/2]) / 2
		r.low[f], r.high[f] = all[0], all[len(all)-1]
	}
	return r
}

// text returns a figure with three digits that count.
func text(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

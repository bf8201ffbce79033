package main

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSummary(t *testing.T) {
	r := summary("x", []sample{{cpu: 3, writes: 1}, {cpu: 1}, {cpu: 9}, {cpu: 2}})
	require.Equal(t, sample{cpu: 2.5, writes: 1}, r.median, "the mean of the two in the middle")
	require.Equal(t, sample{cpu: 1, writes: 1}, r.low)
	require.Equal(t, sample{cpu: 9, writes: 1}, r.high)
}

func TestVerdicts(t *testing.T) {
	ours, theirs := result{peer: "postern", median: sample{cpu: 10, writes: 1}}, result{peer: "floor", median: sample{cpu: 10}}
	for _, c := range []struct {
		why        string
		target     target
		known, met bool
	}{
		{"as good as the other", target{cpu, 1, "floor"}, true, true},
		{"not as good as wanted", target{cpu, 0.9, "floor"}, true, false},
		{"a bound of its own", target{writes, 1, ""}, true, true},
		{"a figure that nobody measured is not met", target{allocs, 12, ""}, false, false},
		{"nor one that the other has not", target{writes, 1, "floor"}, false, false},
		{"nor one against a peer that is not there", target{cpu, 9, "libfcgi"}, false, false},
	} {
		v := row{targets: []target{c.target}}.verdicts([]result{ours, theirs})
		require.Equal(t, []bool{c.known, c.met}, []bool{v[0].known, v[0].met()}, c.why)
	}
}

func TestReport(t *testing.T) {
	f := finding{row{id: "r", title: "a <row>", targets: []target{{cpu, 0.5, "b"}}},
		[]result{summary("a", []sample{{cpu: 2}}), summary("b", []sample{{cpu: 4, writes: 3}})}}
	require.Equal(t, "\n## a <row>\n\n| | CPU, µs | writes |\n|---|---|---|\n| a | 2.00 (2.00–2.00) | – |\n| b | 4.00 (4.00–4.00) | 3.00 |\n", f.markdown())
	require.Contains(t, report{f}.targets(), "| a <row> | CPU, µs | ≤ 0.5 × b | 2.00 | 2.00 | met |\n")
	require.Contains(t, report{f}.csv(), "r,b,\"CPU, µs\",4.00,4.00,4.00\n")
	d := xml.NewDecoder(strings.NewReader(report{f}.svg()))
	for {
		if _, err := d.Token(); err != nil {
			require.True(t, errors.Is(err, io.EOF), "%v", err)
			break
		}
	}
}

func TestPlots(t *testing.T) {
	results := []result{summary("a", []sample{{cpu: 2, memory: 4096}})}
	require.Contains(t, report{{row{title: "busy"}, results}}.svg(), ">busy: CPU, µs<")
	require.Contains(t, report{{row{title: "idle", idle: 9}, results}}.svg(), ">idle: resident memory, bytes<")
}

// Every row is of known peers, has Postern first, and aims at those it measures.
func TestRows(t *testing.T) {
	for _, r := range rows {
		require.True(t, strings.HasPrefix(r.peers[0], "postern"), r.id)
		for _, name := range r.peers {
			_, found := peers[name]
			if r.run {
				_, found = programs[name]
			}
			require.True(t, found, "%s: %s", r.id, name)
		}
		for _, x := range r.targets {
			require.True(t, x.peer == "" || slices.Contains(r.peers, x.peer), "%s: %s", r.id, x)
		}
	}
}

package behaviour

import (
	"net/http"
	"strings"
	"testing"
)

// get is the request of a row that names none.
const get = "GET / HTTP/1.1\nHost: h.test\n\n"

// Test runs every row through the gate. What the gate's own deviations say
// counts more than what the table of its mode says.
func Test(t *testing.T, g Gate, own ...Deviation) {
	deviates := expectations(t, g, own)
	for _, row := range table() {
		t.Run(row.Name, func(t *testing.T) {
			got, log := g.run(t, row)
			want := g.visible(row.Want)
			if d, found := deviates[row.Name]; found {
				if g.visible(d.Want) == want {
					t.Fatalf("%s\nno longer deviates, though %s", row.Why, d.Why)
				}
				want = g.visible(d.Want)
			}
			for tries := 1; row.Quick && got != want && tries < 20; tries++ {
				got, log = g.run(t, row)
			}
			if got != want {
				t.Fatalf("%s\nwant:\n%s\ngot:\n%s\nlog:\n%s", row.Why, want, got, log)
			}
			row.checkLog(t, log)
		})
	}
}

// expectations returns the deviations of a gate by row.
func expectations(t *testing.T, g Gate, own []Deviation) map[string]Deviation {
	known := make(map[string]bool)
	for _, name := range Rows() {
		known[name] = true
	}
	all := make(map[string]Deviation)
	if g.Name != reference {
		for _, d := range deviations {
			if d.In&g.mode() != 0 {
				all[d.Row] = d
			}
		}
	}
	for _, d := range own {
		if !known[d.Row] || d.Why == "" {
			t.Fatalf("deviation %q has no row or no reason", d.Row)
		}
		all[d.Row] = d
	}
	return all
}

// run runs one row and returns its text and what was logged.
func (g Gate) run(t *testing.T, row Row) (text, log string) {
	p := newProbe()
	c := Client{Request: wire(row.Request), Cut: row.Cut}
	if row.Leaves {
		c.Leave = p.left
	}
	a := g.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer p.start()()
		row.Handler(w, r, p)
	}), c)
	p.finish()
	if row.Leaves {
		return p.text(), a.Log
	}
	return g.visible(a.text() + p.text()), a.Log
}

func (row Row) checkLog(t *testing.T, log string) {
	if row.Quiet && log != "" {
		t.Fatalf("%s\nnothing is to be logged, but this is:\n%s", row.Why, log)
	}
	if !strings.Contains(log, row.Log) {
		t.Fatalf("%s\nlog has no %q:\n%s", row.Why, row.Log, log)
	}
}

// visible is a text without what a client does not see of the gate.
func (g Gate) visible(text string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimLeft(text, "\n")) {
		line = strings.TrimSpace(line)
		if line != "" && (g.Origin || !strings.HasPrefix(line, "~")) {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// wire ends the lines of a head as HTTP has them.
func wire(request string) string {
	if request == "" {
		request = get
	}
	head, body, _ := strings.Cut(request, "\n\n")
	return strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
}

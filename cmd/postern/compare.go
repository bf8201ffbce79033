package main

import (
	"maps"
	"slices"
	"strconv"
)

// row is the same fact from every gate.
type row struct {
	Name, Note string
	Differs    bool // between gates that gave a report
	Cells      []cell
}

// cell is a fact as one gate delivered it.
type cell struct {
	Gate, Value string
	Failed      bool // the gate gave no report
	Missing     bool // the report lacks the fact
	Odd         bool // most gates say something else
}

func (c cell) equal(other cell) bool {
	return c.Value == other.Value && c.Missing == other.Missing
}

func newRow(name string, passages []passage, fact func(report) (value string, ok bool)) row {
	r := row{Name: name}
	for _, p := range passages {
		c := cell{Gate: p.Name, Failed: p.Error != ""}
		if !c.Failed {
			value, ok := fact(p.Report)
			c.Value, c.Missing = value, !ok
		}
		r.Cells = append(r.Cells, c)
	}
	r.mark()
	return r
}

// mark finds the cells that are odd: all those that do not say what more than half of the gates say. A gate that failed says nothing.
func (r *row) mark() {
	for i, c := range r.Cells {
		alike, said := 0, 0
		for _, other := range r.Cells {
			if other.Failed {
				continue
			}
			said++
			if other.equal(c) {
				alike++
			}
		}
		if c.Failed || alike == said {
			continue
		}
		r.Differs = true
		r.Cells[i].Odd = 2*alike <= said
	}
}

// variableRows has every variable that came through any gate.
func variableRows(passages []passage) (rows []row) {
	names := map[string]bool{}
	for _, p := range passages {
		for name := range p.Report.Variables {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r := newRow(name, passages, func(rep report) (string, bool) {
			value, ok := rep.Variables[name]
			return value, ok
		})
		r.Note = notes[name]
		rows = append(rows, r)
	}
	return rows
}

func flagRows(passages []passage) []row {
	always := func(fact func(report) string) func(report) (string, bool) {
		return func(rep report) (string, bool) { return fact(rep), true }
	}
	return []row{
		newRow("protocol", passages, always(func(rep report) string { return rep.Flags.Protocol })),
		newRow("multithread", passages, always(func(rep report) string { return yes(rep.Flags.Multithread) })),
		newRow("multiprocess", passages, always(func(rep report) string { return yes(rep.Flags.Multiprocess) })),
		newRow("run once", passages, always(func(rep report) string { return yes(rep.Flags.RunOnce) })),
		newRow("role", passages, func(rep report) (string, bool) { return rep.Flags.Role, rep.Flags.Role != "" }),
		newRow("process", passages, always(func(rep report) string { return strconv.Itoa(rep.PID) })),
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// notes say why a variable differs between the demo's gates.
var notes = map[string]string{
	"CONTENT_LENGTH":  "SCGI begins every request with it, 0 when there is no body",
	"PATH":            "a program needs a search path",
	"PATH_INFO":       "a proxy passes the whole path on, the others know which part is the mount point",
	"REMOTE_ADDR":     "the origin server's client is the proxy, on a unix socket",
	"REMOTE_HOST":     "the origin server's client is the proxy, on a unix socket",
	"REMOTE_PORT":     "every gate was asked on a connection of its own",
	"REQUEST_URI":     "every gate has its own path",
	"SCGI":            "how SCGI says which protocol it is",
	"SCRIPT_FILENAME": "only CGI has a program file",
	"SCRIPT_NAME":     "the mount point, which a proxy does not tell",
	"SERVER_ADDR":     "behind the proxy it is a unix socket",
	"SERVER_PORT":     "a unix socket has no port, only Host can name one",
	"SERVER_SOFTWARE": "it names the front door; an origin server names itself, where it is told a name",
}

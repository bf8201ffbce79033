package main

import (
	_ "embed"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

//go:embed page.html
var pageHTML string

var pageTemplate = template.Must(template.New("page").Parse(pageHTML))

// row is one line of the page: the same fact from every gate.
type row struct {
	Name  string
	Cells []string
}

type pageData struct {
	Columns          int // of the table: a name and every gate
	Passages         []passage
	Flags, Variables []row
}

// page shows side by side what each gate delivered.
func (d *door) page(w http.ResponseWriter, r *http.Request) {
	passages := d.pass(r)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	pageTemplate.Execute(w, pageData{
		Columns:   1 + len(passages),
		Passages:  passages,
		Flags:     flagRows(passages),
		Variables: variableRows(passages),
	})
}

func flagRows(passages []passage) []row {
	return []row{
		newRow("protocol", passages, func(r report) string { return r.Flags.Protocol }),
		newRow("multithread", passages, func(r report) string { return strconv.FormatBool(r.Flags.Multithread) }),
		newRow("multiprocess", passages, func(r report) string { return strconv.FormatBool(r.Flags.Multiprocess) }),
		newRow("run once", passages, func(r report) string { return strconv.FormatBool(r.Flags.RunOnce) }),
		newRow("role", passages, func(r report) string { return r.Flags.Role }),
		newRow("process", passages, func(r report) string { return strconv.Itoa(r.PID) }),
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
		rows = append(rows, newRow(name, passages, func(r report) string { return r.Variables[name] }))
	}
	return rows
}

func newRow(name string, passages []passage, cell func(report) string) row {
	r := row{Name: name}
	for _, p := range passages {
		if p.Error != "" {
			r.Cells = append(r.Cells, "")
			continue
		}
		r.Cells = append(r.Cells, cell(p.Report))
	}
	return r
}

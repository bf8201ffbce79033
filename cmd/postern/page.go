package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page.html page.css
var pageFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(pageFiles, "page.html", "page.css"))

// pagePolicy lets nothing in that is not in the page itself (Content-Security-Policy).
const pagePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// panel is a gate's own part of the page.
type panel struct {
	passage
	ID     string
	Took   string
	Share  int // of the slowest gate's time, in percent
	Curl   string
	Flags  []fact
	Values []fact
	Odd    int // how many Values are odd
}

// fact is a cell by the row's name.
type fact struct {
	Name string
	cell
}

type pageData struct {
	Asked, Say    string
	Curl          string
	Panels        []panel
	Differ, Alike []row
	Failed        bool // there is a gate that gave no report
	Answered      int  // the place of a gate that gave a report, which speaks for all where they are alike
}

// page shows side by side what each gate delivers, at the time of the request.
func (d *door) page(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" { // /%2F is another path, although ServeMux lets it in
		http.NotFound(w, r)
		return
	}
	var page bytes.Buffer
	if err := pageTemplate.ExecuteTemplate(&page, "page.html", d.data(r)); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	w.Write(page.Bytes())
}

func (d *door) data(r *http.Request) pageData {
	passages := d.pass(r)
	data := pageData{
		Asked:    shorten(r.URL.RequestURI()),
		Say:      r.URL.Query().Get("say"),
		Curl:     d.curl(r.Host),
		Failed:   slices.ContainsFunc(passages, func(p passage) bool { return p.Error != "" }),
		Answered: max(0, slices.IndexFunc(passages, func(p passage) bool { return p.Error == "" })),
	}
	flags, variables := flagRows(passages), variableRows(passages)
	for i, p := range passages {
		data.Panels = append(data.Panels, newPanel(p, i, flags, variables, slowest(passages)))
	}
	for i := range data.Panels {
		data.Panels[i].Curl = data.Curl + data.Panels[i].Path
	}
	for _, row := range variables {
		if row.Differs {
			data.Differ = append(data.Differ, row)
		} else {
			data.Alike = append(data.Alike, row)
		}
	}
	return data
}

// newPanel takes column i out of the rows.
func newPanel(p passage, i int, flags, variables []row, slowest time.Duration) panel {
	n := panel{
		passage: p,
		ID:      strings.Trim(p.Path, "/"),
		Took:    fmt.Sprintf("%.2f ms", float64(p.Time)/float64(time.Millisecond)),
		Share:   max(1, int(100*p.Time/max(slowest, 1))),
	}
	for _, row := range flags {
		n.Flags = append(n.Flags, fact{row.Name, row.Cells[i]})
	}
	for _, row := range variables {
		c := row.Cells[i]
		if c.Missing {
			continue
		}
		n.Values = append(n.Values, fact{row.Name, c})
		if c.Odd {
			n.Odd++
		}
	}
	return n
}

// shorten leaves of a text what fits a sentence.
func shorten(s string) string {
	if short := fmt.Sprintf("%.60s", s); len(short) < len(s) {
		return short + "…"
	}
	return s
}

func slowest(passages []passage) (d time.Duration) {
	for _, p := range passages {
		d = max(d, p.Time)
	}
	return d
}

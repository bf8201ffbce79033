package main

import (
	"fmt"
	"html"
	"strings"
)

// Sizes of the plots in pixels.
const (
	plotWidth  = 760
	labelWidth = 130
	barWidth   = 520
	barHeight  = 18
)

// svg draws, for each kind of work, a bar for each peer: its processor time, or
// its memory where the connections are idle.
func (r report) svg() string {
	var b strings.Builder
	y := 0
	for _, f := range r {
		y += f.plot(&b, y)
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n"+
		"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n%s</svg>\n", plotWidth, y+10, b.String())
}

// plot draws one kind of work at y and returns its height.
func (f finding) plot(b *strings.Builder, y int) int {
	shown, largest := cpu, 0.0
	if f.idle > 0 {
		shown = memory
	}
	for _, r := range f.results {
		largest = max(largest, r.median[shown])
	}
	fmt.Fprintf(b, "<text x=\"10\" y=\"%d\" font-weight=\"bold\">%s: %s</text>\n", y+24, html.EscapeString(f.title), html.EscapeString(string(shown)))
	top := y + 34
	for i, r := range f.results {
		v := r.median[shown]
		width := max(1, int(barWidth*v/max(largest, 1e-9)))
		color := "#8aa4c0"
		if i == 0 {
			color = "#c0562b"
		}
		at := top + i*(barHeight+4)
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"+
			"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">%s</text>\n",
			labelWidth-6, at+14, html.EscapeString(r.peer), labelWidth, at, width, barHeight, color, labelWidth+width+6, at+14, text(v))
	}
	return 34 + len(f.results)*(barHeight+4) + 6
}

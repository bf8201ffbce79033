package spec

import (
	"fmt"
	"slices"
	"strings"
)

// notBuilt is the heading of the rows that have no counterpart yet.
const notBuilt = "## Not built yet"

// columns that a table may have. Those that are marked may not be empty.
var columns = map[string]bool{
	"id": true, "wsgiref": true, "section": true, "requirement": true,
	"Go": true, "file": true, "test": true, "missing": true, "note": false,
}

// Every table of built rows has one of these sets of columns, and every other
// table the last.
var (
	builtColumns   = []string{"id wsgiref Go file test note", "id section requirement file test"}
	unbuiltColumns = []string{"id wsgiref missing", "id section requirement missing"}
)

// otherColumns are those of a table without ids: a test of package validate is about it.
const otherColumns = "function condition meaning rules reason"

// A row is one line of a table, its cells by the column.
type row struct {
	line  int
	built bool
	cells map[string]string
}

func (r row) fault(format string, args ...any) string {
	return fmt.Sprintf("SPEC.md:%d: %s: ", r.line, r.cells["id"]) + fmt.Sprintf(format, args...)
}

// rows reads every table. A line that is not understood is a fault.
func rows(text string) (all []row, faults []string) {
	built := true
	var head []string // of the table that the line before was part of
	at := 0           // lines of that table before this one
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(line, "## ") {
			built = line != notBuilt
		}
		cells, isTable := split(line)
		switch {
		case !isTable:
			head, at = nil, 0
			continue
		case at == 0:
			if head = cells; strings.Join(head, " ") != otherColumns && !slices.Contains(headings(built), strings.Join(cells, " ")) {
				faults = append(faults, fmt.Sprintf("SPEC.md:%d: unknown columns %q", number, cells))
			}
		case at == 1:
			if strings.Trim(line, "|-") != "" {
				faults = append(faults, fmt.Sprintf("SPEC.md:%d: no line between head and rows", number))
			}
		case len(cells) != len(head):
			faults = append(faults, fmt.Sprintf("SPEC.md:%d: %d cells below %d columns", number, len(cells), len(head)))
		case strings.Join(head, " ") != otherColumns:
			all = append(all, row{number, built, zip(head, cells)})
		}
		at++
	}
	return all, faults
}

func headings(built bool) []string {
	if built {
		return builtColumns
	}
	return unbuiltColumns
}

// split returns the cells of a line that is part of a table.
func split(line string) (cells []string, ok bool) {
	line, ok = strings.CutPrefix(line, "|")
	if !ok {
		return nil, false
	}
	for cell := range strings.SplitSeq(strings.TrimSuffix(line, "|"), "|") {
		cells = append(cells, strings.TrimSpace(cell))
	}
	return cells, true
}

func zip(names, values []string) map[string]string {
	m := make(map[string]string, len(names))
	for i, name := range names {
		m[name] = values[i]
	}
	return m
}

// emptyFaults returns a sentence for each empty cell.
func emptyFaults(all []row) []string {
	var faults []string
	for _, r := range all {
		for name, cell := range r.cells {
			if cell == "" && columns[name] {
				faults = append(faults, r.fault("no %s", name))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// quoted returns the names in a cell, each between backquotes and separated by
// a comma and a space. Anything else is not understood.
func quoted(cell string) (names []string, ok bool) {
	for item := range strings.SplitSeq(cell, "`, `") {
		names = append(names, strings.Trim(item, "`"))
	}
	return names, "`"+strings.Join(names, "`, `")+"`" == cell && !slices.Contains(names, "")
}

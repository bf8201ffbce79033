package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// A finding is a row with what was found.
type finding struct {
	row
	results []result
}

// A report is all that was found.
type report []finding

// write writes the three files.
func (r report) write(dir string) error {
	var b strings.Builder
	b.WriteString("# What was measured\n\nWritten by `make bench`. " + machine() + " The figures are medians, for one request, of rounds in\n" +
		"which the peers took turns; the processor time is that of the worker alone, by the kernel's accounting, with the lowest and the\n" +
		"highest round in brackets. Whatever else the machine did meanwhile shows in how far those are apart. Resident\n" +
		"memory is that of all processes of a peer after the round, and what they share counts for each of them; that of a program which\n" +
		"has ended is the most that it had.\n\n")
	b.WriteString(r.targets())
	for _, f := range r {
		b.WriteString(f.markdown())
	}
	for name, content := range map[string]string{"results.md": b.String(), "results.csv": r.csv(), "results.svg": r.svg()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// machine says in general words where this was measured.
func machine() string {
	var u unix.Utsname
	unix.Uname(&u)
	release := strings.SplitN(unix.ByteSliceToString(u.Release[:]), ".", 3)
	return fmt.Sprintf("%d processors, %s, Linux %s, %s.", runtime.NumCPU(), runtime.GOARCH, strings.Join(release[:min(2, len(release))], "."), runtime.Version())
}

// targets is the table of what is wanted and what was reached.
func (r report) targets() string {
	var b strings.Builder
	b.WriteString("| work | figure | target | may be | is | |\n|---|---|---|---|---|---|\n")
	for _, f := range r {
		for _, v := range f.verdicts(f.results) {
			word := "missed"
			switch {
			case !v.known:
				word = "not measured"
			case v.met():
				word = "met"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", f.title, v.figure, v.target, text(v.limit), text(v.found), word)
		}
	}
	return b.String()
}

// markdown is the table of one kind of work.
func (f finding) markdown() string {
	var b strings.Builder
	var shown []figure
	for _, g := range figures {
		for _, r := range f.results {
			if _, found := r.median[g]; found {
				shown = append(shown, g)
				break
			}
		}
	}
	fmt.Fprintf(&b, "\n## %s\n\n| |", f.title)
	for _, g := range shown {
		fmt.Fprintf(&b, " %s |", g)
	}
	b.WriteString("\n|---" + strings.Repeat("|---", len(shown)) + "|\n")
	for _, r := range f.results {
		fmt.Fprintf(&b, "| %s |", r.peer)
		for _, g := range shown {
			b.WriteString(" " + r.cell(g) + " |")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (r result) cell(g figure) string {
	v, found := r.median[g]
	switch {
	case !found:
		return "–"
	case g == cpu:
		return fmt.Sprintf("%s (%s–%s)", text(v), text(r.low[g]), text(r.high[g]))
	}
	return text(v)
}

func (r report) csv() string {
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Write([]string{"work", "peer", "figure", "median", "lowest", "highest"})
	for _, f := range r {
		for _, x := range f.results {
			for _, g := range figures {
				if v, found := x.median[g]; found {
					w.Write([]string{f.id, x.peer, string(g), text(v), text(x.low[g]), text(x.high[g])})
				}
			}
		}
	}
	w.Flush()
	return b.String()
}

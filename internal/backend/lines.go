package backend

import (
	"bytes"
	"log/slog"
	"sync"
)

// lineMax is the longest line in bytes: a longer one is logged in parts.
const lineMax = 8 << 10

// Lines is an error stream as log records: one at level Error for each line, with the line as attribute "line" and Attrs.
// Empty lines are left out.
type Lines struct {
	Log     *slog.Logger
	Message string
	Attrs   []any

	mu   sync.Mutex
	part []byte // of a line whose end is to come
}

// Write logs the lines that p ends. It never fails.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			l.add(p)
			break
		}
		l.add(p[:end])
		l.flush()
		p = p[end+1:]
	}
	return n, nil
}

func (l *Lines) add(p []byte) {
	for len(l.part)+len(p) > lineMax {
		n := lineMax - len(l.part)
		l.part = append(l.part, p[:n]...)
		l.flush()
		p = p[n:]
	}
	l.part = append(l.part, p...)
}

// Close logs what has come of the last line.
func (l *Lines) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
	return nil
}

func (l *Lines) flush() {
	if line := bytes.TrimRight(l.part, "\r\n"); len(line) > 0 {
		l.Log.Error(l.Message, append([]any{"line", string(line)}, l.Attrs...)...)
	}
	l.part = l.part[:0]
}

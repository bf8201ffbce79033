package scgi

import "github.com/postern-go/postern/internal/backend"

// stderr is the error stream of a request: SCGI has none, so its lines go to the server's log.
type stderr struct {
	x     *exchange
	lines *backend.Lines
}

// Write logs the lines that p ends.
func (e *stderr) Write(p []byte) (int, error) {
	if e.lines == nil {
		h := &e.x.header
		e.lines = &backend.Lines{
			Log:     e.x.server.loop.Log(),
			Message: "scgi: stderr",
			Attrs:   []any{"method", h.get("REQUEST_METHOD"), "uri", h.get("REQUEST_URI")},
		}
	}
	return e.lines.Write(p)
}

// close logs a last line that has no end.
func (e *stderr) close() {
	if e.lines != nil {
		e.lines.Close()
	}
}

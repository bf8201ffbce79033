package origin

import "github.com/postern-go/postern/internal/backend"

// stderr is the error stream of a request where the server has none: its lines
// go to the log.
type stderr struct {
	x     *exchange
	lines *backend.Lines
}

// Write logs the lines that p ends.
func (e *stderr) Write(p []byte) (int, error) {
	if e.lines == nil {
		e.lines = &backend.Lines{
			Log:     e.x.conn.srv.loop.Log(),
			Message: "origin: stderr",
			Attrs:   []any{"method", e.x.req.Method, "uri", e.x.req.RequestURI},
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

package behaviour

import (
	"net/http"
	"testing"
)

// A Gate is a way from a client to a handler and back.
type Gate struct {
	Name string
	// Origin says that the gate speaks HTTP with the client itself. Of any other
	// gate nothing is asked about the connection and the framing of the body,
	// which are the web server's.
	Origin bool
	// Serve lets the client send its request, runs h, and returns what the client
	// got, and what was logged. It returns when the client has everything, and
	// when h has seen the end of the request (its body and context are closed).
	Serve func(t testing.TB, h http.Handler, c Client) Answer
}

// Behind is the gate with middleware before every handler, which is to change nothing.
func (g Gate) Behind(middleware func(http.Handler) http.Handler) Gate {
	serve := g.Serve
	g.Serve = func(t testing.TB, h http.Handler, c Client) Answer { return serve(t, middleware(h), c) }
	return g
}

// A Client is what one client does.
type Client struct {
	// Request holds the bytes that it sends, HTTP/1.
	Request string
	// Cut means that the request is not whole, and the client sends no more. It
	// still reads.
	Cut bool
	// Leave, if not nil, is closed when the client is to go away for good. What
	// it got before counts for nothing.
	Leave <-chan struct{}
}

// A Mode is a set of the two forms in which gates answer.
type Mode uint8

const (
	Status Mode = 1 << iota // a CGI response, for a web server
	Origin                  // HTTP, for the client
	Both   = Status | Origin
)

func (g Gate) mode() Mode {
	if g.Origin {
		return Origin
	}
	return Status
}

// A Deviation is a row that a gate answers in another way than net/http.
type Deviation struct {
	Row  string // its name
	In   Mode   // the gates it is about; not used for a gate's own
	Why  string // the reason, a sentence
	Want string // what it answers instead, in the form of Row.Want
}

// A Row is one behaviour.
type Row struct {
	Name    string // a few words, which a Deviation can name
	Why     string // what it shows, a sentence
	Request string // the request with LF as line ends in its head; empty means get
	Cut     bool   // see Client
	Leaves  bool   // the client leaves when the handler calls Probe.Leave
	Handler func(w http.ResponseWriter, r *http.Request, p *Probe)
	Want    string // what net/http does: the text of the Answer and the handler's notes
	Log     string // part of what is logged; empty means that nothing is asked about it
	Quiet   bool   // nothing is logged
	Quick   bool   // the handler has to be through before a gate looks whether the client is gone; when it may not have been, it is tried again
}

// Rows returns the names of all rows, for gates that leave some out.
func Rows() []string {
	var names []string
	for _, row := range table() {
		names = append(names, row.Name)
	}
	return names
}

func table() []Row {
	var all []Row
	for _, part := range [][]Row{
		statusRows(), headerRows(), hopRows(), bodilessRows(), lengthRows(), flushRows(), typeRows(), interimRows(),
		trailerRows(), panicRows(), bodyRows(), contextRows(), writerRows(), connectionRows(), requestRows(), libraryRows(),
	} {
		all = append(all, part...)
	}
	return all
}

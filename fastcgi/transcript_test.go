package fastcgi_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/internal/record"
	"github.com/postern-go/postern/internal/transcript"
)

// TestTranscripts says again what web servers have said, as it came and in pieces of odd lengths, and requires the answers
// that they got. The recordings are made by the test of the same name in the directory integration.
func TestTranscripts(t *testing.T) {
	paths, err := filepath.Glob("testdata/transcripts/*.txt")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(paths), 5, "a recording of each web server")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		recorded, err := transcript.Parse(string(text))
		require.NoError(t, err, path)
		require.NotEmpty(t, recorded, path)
		for _, piece := range []int{1 << 20, 1021, 61, 7} {
			t.Run(fmt.Sprintf("%s in pieces of %d", filepath.Base(path), piece), func(t *testing.T) {
				memory.run(t, func(w *world) {
					w.serve(transcript.Handler(func() {}).ServeHTTP)
					for _, c := range recorded {
						r := &replay{client: w.dial(), piece: piece}
						r.run(c)
					}
				})
			})
		}
	}
}

// A replay is one connection of a recording while it is said again.
type replay struct {
	*client
	piece int

	ended int // requests that the recording has answered so far
	gone  bool
	want  map[uint16]*strings.Builder // STDOUT so far of the requests under way, as recorded
	got   map[uint16]*strings.Builder // and as answered now
}

func (r *replay) run(c transcript.Connection) {
	r.want, r.got = map[uint16]*strings.Builder{}, map[uint16]*strings.Builder{}
	for _, e := range c {
		switch {
		case e.From == transcript.Worker:
			r.answered(e)
		case e.Closed:
			r.close(c)
		default:
			r.say(e.AppendWire(nil))
		}
	}
}

func (r *replay) say(wire []byte) {
	for len(wire) > 0 {
		n := min(r.piece, len(wire))
		r.raw(wire[:n])
		wire = wire[n:]
	}
}

// close leaves a worker that has not answered everything, and hears out one that has.
func (r *replay) close(c transcript.Connection) {
	if r.gone = r.ended < beginnings(c); r.gone {
		require.NoError(r, r.Close())
		return
	}
	require.NoError(r, r.Conn.(interface{ CloseWrite() error }).CloseWrite())
	r.wantClosed("after the last answer")
}

func beginnings(c transcript.Connection) (n int) {
	for _, e := range c {
		if e.From == transcript.WebServer && e.Header.Type == record.BeginRequest {
			n++
		}
	}
	return n
}

// answered takes a record of the recorded answer. At the end of a request it requires that the answer is the same now,
// whatever records it comes in.
func (r *replay) answered(e transcript.Event) {
	switch {
	case r.gone || e.Closed:
	case e.Header.Type == record.Stdout:
		add(r.want, e.Header.ID, string(e.Content))
	case e.Header.Type == record.EndRequest:
		r.ended++
		end := r.until(record.EndRequest, e.Header.ID)
		require.Equal(r, string(e.Content), end.Content, "how request %d ended", e.Header.ID)
		require.Equal(r, add(r.want, e.Header.ID, ""), add(r.got, e.Header.ID, ""), "the answer to request %d", e.Header.ID)
		delete(r.want, e.Header.ID)
		delete(r.got, e.Header.ID)
	case e.Header.Type == record.GetValuesResult:
		require.Equal(r, string(e.Content), r.until(record.GetValuesResult, 0).Content)
	}
}

// until reads up to a record of a type and an id.
func (r *replay) until(t record.Type, id uint16) msg {
	for {
		m, err := r.next()
		require.NoError(r, err)
		if m.Type == t && m.ID == id {
			return m
		}
		require.Equal(r, record.Stdout, m.Type, "%v", m)
		add(r.got, m.ID, m.Content)
	}
}

// add appends to the text of an id and returns it.
func add(texts map[uint16]*strings.Builder, id uint16, text string) string {
	if texts[id] == nil {
		texts[id] = new(strings.Builder)
	}
	texts[id].WriteString(text)
	return texts[id].String()
}

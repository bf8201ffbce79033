package gateway_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// A takes writer takes some bytes and then fails, or says nothing of the rest.
type takes struct {
	bytes.Buffer
	most int
	err  error
}

func (w *takes) Write(p []byte) (int, error) {
	if room := w.most - w.Len(); room < len(p) {
		w.Buffer.Write(p[:room])
		return room, w.err
	}
	return w.Buffer.Write(p)
}

func TestCopyBody(t *testing.T) {
	long := strings.Repeat("0123456789", 10000)
	failed := errors.New("full")
	for _, row := range []struct {
		why, length, body string
		dst               takes
		want              string // what arrives
		err               error
	}{
		{"a whole body", "100000", long, takes{most: 1 << 20}, long, nil},
		{"of unknown length", "", long, takes{most: 1 << 20}, long, nil},
		{"less than what comes", "7", long, takes{most: 1 << 20}, long[:7], nil},
		{"more than what comes", "9", "body", takes{most: 1 << 20}, "body", io.ErrUnexpectedEOF},
		{"a destination that fails", "100000", long, takes{most: 50000, err: failed}, long[:50000], failed},
		{"a destination that says so with io.EOF", "100000", long, takes{most: 50000, err: io.EOF}, long[:50000], io.EOF},
		{"a destination that takes less than it says", "100000", long, takes{most: 5}, long[:5], io.ErrShortWrite},
	} {
		t.Run(row.why, func(t *testing.T) {
			m := newMemory(vars(fmt.Sprintf("REQUEST_METHOD=POST\nREQUEST_URI=/\nCONTENT_LENGTH=%s\n", row.length)), row.body)
			err := (&gateway.Engine{BodyEnds: true}).Run(t.Context(), m, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n, err := io.Copy(&struct{ io.Writer }{&row.dst}, r.Body)
				require.ErrorIs(t, err, row.err)
				require.EqualValues(t, len(row.want), n)
				require.Equal(t, row.want, row.dst.String())
				if row.err == nil {
					n, err := r.Body.Read(make([]byte, 1))
					require.Zero(t, n)
					require.Equal(t, io.EOF, err)
				}
			}))
			require.NoError(t, err)
		})
	}
}

// A piecesOf is what reads of a body bring, one after another. It takes note of
// what is asked for.
type piecesOf struct {
	sizes []int
	asked []int
}

func (p *piecesOf) Read(b []byte) (int, error) {
	p.asked = append(p.asked, len(b))
	if len(p.sizes) == 0 {
		return 0, io.EOF
	}
	n := copy(b, make([]byte, p.sizes[0]))
	p.sizes = p.sizes[1:]
	return n, nil
}

// A body that comes slowly is waited for with little memory.
func TestCopyBodyAsItComes(t *testing.T) {
	const small, large = 40 << 10, 128 << 10
	for _, row := range []struct {
		why         string
		sizes, want []int
	}{
		{"slowly", []int{10, 4000, 10}, []int{small, small, small, small}},
		{"fast", []int{small, large, large}, []int{small, large, large, large}},
		{"fast, then slowly, then fast", []int{small, 100, small}, []int{small, large, small, large}},
		{"as much as there is room for, or not quite", []int{small, large, small - 1, small}, []int{small, large, large, small, large}},
	} {
		t.Run(row.why, func(t *testing.T) {
			stdin := &piecesOf{sizes: row.sizes}
			length := large // more than comes
			for _, n := range row.sizes {
				length += n
			}
			m := newMemory(vars(fmt.Sprintf("REQUEST_METHOD=POST\nREQUEST_URI=/\nCONTENT_LENGTH=%d\n", length)), "")
			m.stdin = stdin
			err := (&gateway.Engine{BodyEnds: true}).Run(t.Context(), m, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			}))
			require.NoError(t, err)
			require.Equal(t, row.want, stdin.asked)
		})
	}
}

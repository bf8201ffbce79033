package fastcgi_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// padAs returns the bytes of a record with as much padding as wanted.
func padAs(m msg, padding uint8) []byte {
	h := record.Header{Version: record.Version, Type: m.Type, ID: m.ID, Content: uint16(len(m.Content)), Padding: padding}
	return append(append(record.AppendHeader(nil, h), m.Content...), bytes.Repeat([]byte{0xff}, int(padding))...)
}

// A handler that takes large pieces gets the bytes of the body and no others,
// whatever the records are like and whatever comes between them.
func TestPieces(t *testing.T) {
	sent := make([]byte, 300<<10)
	for i := range sent {
		sent[i] = byte(i ^ i>>8 ^ i>>16)
	}
	for _, r := range []struct {
		why     string
		size    int
		padding uint8
		between []msg
	}{
		{"records of nginx", 32 << 10, 0, nil},
		{"as large as they can be", 65535, 1, nil},
		{"with as much padding as there can be", 32 << 10, 255, nil},
		{"large and odd", 40001, 3, nil},
		{"small ones", 2048, 0, nil},
		{"tiny ones", 300, 7, nil},
		{"another request between them", 32 << 10, 2, get(2)},
		{"an answer to a question between them", 20000, 0, []msg{getValues("FCGI_MPXS_CONNS")}},
	} {
		t.Run(r.why, func(t *testing.T) {
			var bytesToSend []byte
			for rest := sent; len(rest) > 0; {
				n := min(len(rest), r.size)
				bytesToSend = append(bytesToSend, padAs(stdin(1, string(rest[:n])), r.padding)...)
				if len(rest) == len(sent) {
					bytesToSend = append(bytesToSend, bytesOf(r.between...)...)
				}
				rest = rest[n:]
			}
			bytesToSend = append(bytesToSend, bytesOf(stdin(1, ""))...)
			play(t, []row{
				{"with io.Copy", func(w *world) { w.takesPieces(bytesToSend, sent, io.Copy) }},
				{"with a buffer of its own", func(w *world) {
					w.takesPieces(bytesToSend, sent, func(dst io.Writer, src io.Reader) (int64, error) {
						return io.CopyBuffer(dst, struct{ io.Reader }{src}, make([]byte, 100<<10))
					})
				}},
			})
		})
	}
}

// takesPieces sends the records of a body, which the handler of a request that
// has one is to find out with take.
func (w *world) takesPieces(records, body []byte, take func(io.Writer, io.Reader) (int64, error)) {
	w.serve(func(rw http.ResponseWriter, r *http.Request) {
		var got bytes.Buffer
		n, err := take(&got, r.Body)
		fmt.Fprint(rw, n, err, bytes.Equal(got.Bytes(), body[:n]))
	})
	p := w.dial()
	go p.Write(append(bytesOf(post(1, len(body))...), records...))
	var answer string // another request may have come between the head and the body
	for {
		m, err := p.next()
		require.NoError(w, err)
		switch {
		case m.ID != 1:
		case m.Type == record.EndRequest:
			require.Equal(w, page(fmt.Sprint(len(body), nil, true)), answer)
			return
		default:
			answer += m.Content
		}
	}
}

// An authorizer is asked by PARAMS alone; TestSplits and TestFilter do the same to the other roles.
func TestAuthorizerSplits(t *testing.T) {
	play(t, []row{
		{"a question to an Authorizer and a STDIN that it has no use for, split in two at every byte", func(w *world) {
			w.authorizing(w.bodyless)
			sent := bytesOf(append(ask(1, record.KeepConn), stdin(1, "x"), stdin(1, ""))...)
			p := w.dial()
			for i := 1; i < len(sent); i++ {
				why := fmt.Sprintf("split at byte %d", i)
				p.raw(sent[:i])
				w.settle()
				p.raw(sent[i:])
				p.want(why, allowed(1, "")...)
			}
			p.wantIdle("each is answered once")
			w.wantLog("nothing was wrong")
		}},
	})
}

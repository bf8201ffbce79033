package fastcgi_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"testing"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/internal/record"
	"github.com/stretchr/testify/require"
)

// padAs returns the bytes of a record with as much padding as wanted.
func padAs(m msg, padding uint8) []byte {
	h := record.Header{Version: record.Version, Type: m.Type, ID: m.ID, Content: uint16(len(m.Content)), Padding: padding}
	return append(append(record.AppendHeader(nil, h), m.Content...), bytes.Repeat([]byte{0xff}, int(padding))...)
}

// sample is a body of n bytes of which no two pieces are alike.
func sample(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i ^ i>>8 ^ i>>16)
	}
	return b
}

// headers is a body of n bytes that looks like headers of records.
func headers(n int) []byte {
	h := record.AppendHeader(nil, record.Header{Version: record.Version, Type: record.Stdin, ID: 1, Content: 8192})
	return bytes.Repeat(h, n/len(h))
}

// A cut says what a body is sent as. Sizes and paddings are those of its
// records, in turn, and come again until all is sent.
type cut struct {
	sizes    []int
	paddings []uint8
	between  []msg // comes after the first of them
	after    int   // or after so many more
}

func (c cut) records(body []byte) (b []byte) {
	for i := 0; len(body) > 0; i++ {
		n := min(len(body), c.sizes[i%len(c.sizes)])
		b = append(b, padAs(stdin(1, string(body[:n])), c.paddings[i%len(c.paddings)])...)
		if i == c.after {
			b = append(b, bytesOf(c.between...)...)
		}
		body = body[n:]
	}
	return append(b, bytesOf(stdin(1, ""))...)
}

// A handler that takes large pieces gets the bytes of the body and no others,
// whatever the records are like and whatever comes between them.
func TestPieces(t *testing.T) {
	const nginx = 32 << 10
	other := string(sample(9000))
	for _, r := range []struct {
		why string
		cut cut
	}{
		{"records of nginx", cut{[]int{nginx}, []uint8{0}, nil, 0}},
		{"as large as they can be", cut{[]int{65535}, []uint8{1}, nil, 0}},
		{"with as much padding as there can be", cut{[]int{nginx}, []uint8{255}, nil, 0}},
		{"large and odd", cut{[]int{40001}, []uint8{3}, nil, 0}},
		{"small ones", cut{[]int{2048}, []uint8{0}, nil, 0}},
		{"tiny ones", cut{[]int{300}, []uint8{7}, nil, 0}},
		{"of one size, then of another", cut{[]int{nginx, nginx, nginx - 1}, []uint8{0}, nil, 0}},
		{"of one size, then one of a byte", cut{[]int{nginx, nginx, nginx, 1}, []uint8{0}, nil, 0}},
		{"of one size, then a larger one", cut{[]int{8192, 8192, 65535}, []uint8{0}, nil, 0}},
		{"of one size and not of one padding", cut{[]int{nginx}, []uint8{0, 0, 8, 8, 8, 0, 255}, nil, 0}},
		{"another request between them", cut{[]int{nginx}, []uint8{2}, get(2), 0}},
		{"another request between many that are alike", cut{[]int{nginx}, []uint8{2}, get(2), 3}},
		{"an answer to a question between them", cut{[]int{20000}, []uint8{0}, []msg{getValues("FCGI_MPXS_CONNS")}, 0}},
		{"one between small ones that are alike", cut{[]int{2500}, []uint8{0}, []msg{getValues("FCGI_MPXS_CONNS")}, 40}},
		{"records of a request that there is not between them", cut{[]int{9000}, []uint8{0}, []msg{stdin(9, other), stdin(9, other)}, 6}},
		{"variables that are too late between them", cut{[]int{9000}, []uint8{0}, []msg{params(1, other), params(1, other)}, 6}},
	} {
		t.Run(r.why, func(t *testing.T) {
			for what, sent := range map[string][]byte{"any bytes": sample(160 << 10), "what looks like headers": headers(160 << 10)} {
				records := r.cut.records(sent)
				rows := []row{{what + ", with io.Copy", func(w *world) { w.takesPieces(records, sent, io.Copy) }}}
				for _, size := range []int{nginx, 100 << 10} {
					rows = append(rows, row{fmt.Sprintf("%s, with a buffer of %d bytes", what, size), func(w *world) {
						w.takesPieces(records, sent, with(make([]byte, size)))
					}})
				}
				play(t, rows)
			}
		})
	}
}

// Where a read has one place only, the header of the next record comes with it,
// within what the handler has lent.
func TestPiecesWithOnePlace(t *testing.T) {
	sent := sample(4 * 32 << 10)
	play(t, []row{{"a buffer of the size of a record, with more behind it", func(w *world) {
		buf := make([]byte, 64<<10)
		w.srv = &fastcgi.Server{Handler: findsOut(sent, with(buf[:32<<10]))}
		l := w.listen()
		p := w.dial()
		p.raw(append(bytesOf(post(1, len(sent))...), cut{sizes: []int{32 << 10}, paddings: []uint8{0}}.records(sent)...))
		w.serveOn(&counting{Listener: l})
		p.want("the answer", answer(1, fmt.Sprint(len(sent), nil, true))...)
		require.Equal(w, make([]byte, 32<<10), buf[32<<10:], "what is behind is not written to")
	}}}, onUnix)
}

// A body comes whole in records that nobody has thought of, too.
func TestPiecesOfAnySize(t *testing.T) {
	sent := sample(300 << 10)
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 0))
		size := func() int { return []int{1 + r.IntN(65535), 1 + r.IntN(3000), 32 << 10, 8 << 10}[r.IntN(4)] }
		c := cut{between: get(2), after: r.IntN(20)}
		for len(c.sizes) < 12 {
			n, padding := size(), uint8(r.IntN(2)*r.IntN(256))
			for range 1 + r.IntN(4) {
				c.sizes, c.paddings = append(c.sizes, n), append(c.paddings, padding)
			}
		}
		records, buf := c.records(sent), make([]byte, 1+r.IntN(200<<10))
		play(t, []row{{fmt.Sprintf("seed %d", seed), func(w *world) {
			w.takesPieces(records, sent, with(buf))
		}}})
	}
}

// What was read with a body of unknown length and is not of it is the next
// request, however large.
func TestPiecesAndTheNextRequest(t *testing.T) {
	sent := sample(3 * 32 << 10)
	play(t, []row{{"a request that comes with the body before it", func(w *world) {
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			n, err := io.Copy(io.Discard, r.Body)
			fmt.Fprint(rw, n, err, len(r.Header.Get("X-Large")))
		})
		p := w.dial()
		all := bytesOf(begin(1), params(1, vars("POST")), params(1, ""))
		all = append(all, cut{sizes: []int{32 << 10}, paddings: []uint8{0}}.records(sent)...)
		all = append(all, bytesOf(begin(2), params(2, vars("GET", "HTTP_X_LARGE", string(bytes.Repeat([]byte("x"), 50000)))), params(2, ""), stdin(2, ""))...)
		go p.Write(all)
		answers := p.answers("both", 2)
		require.Equal(w, page(fmt.Sprint(len(sent), nil, 0)), answers[1])
		require.Equal(w, page(fmt.Sprint(0, nil, 50000)), answers[2])
	}}})
}

// A header that is none ends the connection, but not what came before it.
func TestPiecesBeforeAFault(t *testing.T) {
	sent := sample(4 * 32 << 10)
	play(t, []row{{"a record of version 0 where one like those before it is expected", func(w *world) {
		took := make(chan string, 1)
		w.serve(func(rw http.ResponseWriter, r *http.Request) {
			got := &bytes.Buffer{}
			_, err := io.Copy(got, r.Body)
			took <- fmt.Sprint(got.Len(), err != nil, bytes.Equal(got.Bytes(), sent[:got.Len()]))
		})
		p := w.dial()
		records := cut{sizes: []int{32 << 10}, paddings: []uint8{0}}.records(sent)
		records[3*(32<<10+record.HeaderLen)] = 0
		go p.Write(append(bytesOf(post(1, len(sent))...), records...))
		got := receive(w, "the handler ends", took)
		require.Contains(w, got, " true true", "an error, and nothing wrong before it")
		if w.form == memory { // elsewhere a handler that takes its time may find the connection at its end
			require.Equal(w, fmt.Sprint(3*32<<10, true, true), got)
		}
		w.awaitLog("it is told", "version 0")
	}}})
}

// What comes in part is taken as far as it goes.
func TestPiecesInPieces(t *testing.T) {
	const size = 8192
	sent := headers(4 * size)
	records := append(bytesOf(post(1, len(sent))...), cut{sizes: []int{size}, paddings: []uint8{9}}.records(sent)...)
	third := len(records) - record.HeaderLen - 2*(size+9+record.HeaderLen)
	play(t, []row{{"a body split in the header of its third record, and around it", func(w *world) {
		w.serve(findsOut(sent, io.Copy))
		for at := third - 3; at < third+record.HeaderLen+3; at++ {
			for _, next := range []int{1, size, size + 9 + 3} {
				p := w.dial()
				p.raw(records[:at-size])
				w.settle()
				p.raw(records[at-size : at])
				w.settle()
				p.raw(records[at : at+next])
				w.settle()
				p.raw(records[at+next:])
				p.want(fmt.Sprintf("split at %d and %d", at, at+next), answer(1, fmt.Sprint(len(sent), nil, true))...)
			}
		}
	}}})
}

// Where all is there already, one read takes several records. A handler that is
// held up finds that others have read ahead, but not each time.
func TestReadsOfPieces(t *testing.T) {
	const size, tries = 12 << 10, 20
	sent := sample(11 * size)
	for _, padding := range []uint8{0, 9} {
		play(t, []row{{fmt.Sprintf("eleven records with %d bytes of padding", padding), func(w *world) {
			reads := make(chan []int, tries)
			w.srv = &fastcgi.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				var sizes []int
				buf := make([]byte, 256<<10)
				for {
					n, err := r.Body.Read(buf)
					sizes = append(sizes, n)
					if err != nil {
						break
					}
				}
				reads <- sizes
			})}
			l := w.listen()
			for range tries {
				w.dial().raw(append(bytesOf(post(1, len(sent))...), cut{sizes: []int{size}, paddings: []uint8{padding}}.records(sent)...))
			}
			w.serveOn(l)
			seen := map[string]int{}
			for range tries {
				sizes := receive(w, "the handler ends", reads)
				seen[fmt.Sprint(sizes[min(3, len(sizes)):])]++
			}
			require.Contains(w, seen, fmt.Sprint([]int{4 * size, 2 * size}), "after the first, some of the second, the rest and three more")
		}}}, onUnix)
	}
}

// findsOut answers with how much of the body take has taken, and whether that
// was right.
func findsOut(body []byte, take func(io.Writer, io.Reader) (int64, error)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		var got bytes.Buffer
		n, err := take(&got, r.Body)
		fmt.Fprint(rw, n, err, bytes.Equal(got.Bytes(), body[:n]))
	}
}

// with is io.Copy by way of a buffer.
func with(buf []byte) func(io.Writer, io.Reader) (int64, error) {
	return func(dst io.Writer, src io.Reader) (int64, error) {
		return io.CopyBuffer(struct{ io.Writer }{dst}, struct{ io.Reader }{src}, buf)
	}
}

// takesPieces sends the records of a body, which the handler of a request that
// has one is to find out with take.
func (w *world) takesPieces(records, body []byte, take func(io.Writer, io.Reader) (int64, error)) {
	w.serve(findsOut(body, take))
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

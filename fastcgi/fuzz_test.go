package fastcgi_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/postern-go/postern/internal/record"
)

// fuzzed does something different for each method.
func fuzzed(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case "GET":
		io.WriteString(w, "hello")
	case "POST":
		io.Copy(w, r.Body)
	case "WAIT":
		<-r.Context().Done()
	case "LATE":
		begun(w)
		panic(http.ErrAbortHandler)
	case "DATA":
		begun(w)
		file, filters := fastcgi.Data(r)
		if filters {
			io.Copy(w, file)
		}
	case "READ": // also when it has answered
		io.ReadFull(r.Body, make([]byte, 2))
		go io.Copy(io.Discard, r.Body)
		runtime.Gosched()
		begun(w)
	case "LOG":
		io.WriteString(gateway.Stderr(r), "log")
		panic("boom")
	}
}

// FuzzConnection sends any bytes in two pieces and then closes the sending
// side. Nothing may panic or stay, no request may end twice, nothing may follow
// the end of STDOUT but END_REQUEST, and no input may take much memory.
func FuzzConnection(f *testing.F) {
	for _, list := range [][]msg{ // the larger seeds; the others are files of testdata
		many(1000, func(id uint16) []msg { return []msg{begin(id), params(id, "")} }),
		many(1000, func(id uint16) []msg { return []msg{begin(id)} }),
		many(500, func(id uint16) []msg { return []msg{begin(id), params(id, "x"), abort(id)} }),
		many(300, func(id uint16) []msg {
			return append(post(id, 4), stdin(id, "body"), stdin(id, ""), getValues("FCGI_MAX_REQS"))
		}),
		append([]msg{begin(1)}, many(2000, func(uint16) []msg { return []msg{params(1, "xxxxxxxxxxxxxxxx")} })...),
	} {
		f.Add(bytesOf(list...), uint16(20))
	}
	reads := bytesOf(begin(1), params(1, vars("READ", "CONTENT_LENGTH", "10")), params(1, ""), stdin(1, "half of it"), stdin(1, ""))
	f.Add(reads, uint16(len(reads)-2*record.HeaderLen))
	f.Fuzz(func(t *testing.T, data []byte, cut uint16) {
		if len(data) > memconn.Size {
			return
		}
		synctest.Test(t, func(t *testing.T) { fuzzConnection(t, data, min(int(cut), len(data))) })
	})
}

// many is n times the records of another id.
func many(n uint16, records func(id uint16) []msg) (list []msg) {
	for id := range n {
		list = append(list, records(id+1)...)
	}
	return list
}

// weighty is how much input, in bytes, is worth weighing what the server holds
// of it.
const weighty = 4 << 10

func fuzzConnection(t *testing.T, data []byte, cut int) {
	l := memconn.Listen()
	h := http.HandlerFunc(fuzzed)
	s := &fastcgi.Server{Handler: h, Authorizer: h, Filter: h, ErrorLog: slog.New(slog.DiscardHandler), MaxRequests: 5}
	go s.Serve(l)
	c, err := l.Dial()
	if err != nil {
		t.Fatal(err)
	}
	before := int64(0)
	if len(data) >= weighty {
		before = live()
	}
	c.Write(data[:cut]) // there is room for all of it
	synctest.Wait()
	c.Write(data[cut:])
	synctest.Wait()
	if len(data) >= weighty {
		if grown := live() - before; grown > 4<<20 {
			t.Fatalf("%d bytes of input hold %d bytes of memory", len(data), grown)
		}
	}
	c.CloseWrite()
	out, err := io.ReadAll(c)
	c.Close()
	s.Close()
	synctest.Wait()
	checkOutput(t, out, err != nil, begins(data))
}

// checkOutput looks at what a server has written to a peer that began so many
// requests of each id. A connection that was reset, since more came after what
// does not parse, may end in the middle of a record.
func checkOutput(t *testing.T, out []byte, reset bool, begins map[uint16]int) {
	ends, over := map[uint16]int{}, map[uint16]bool{} // over: STDOUT has ended, the request has not
	for len(out) >= record.HeaderLen {
		h, err := record.ParseHeader(out)
		if err != nil {
			break // the record that breaks a connection off
		}
		if out[record.HeaderLen-1] != 0 {
			t.Fatalf("reserved byte %d in the header of %v", out[record.HeaderLen-1], h)
		}
		if out = out[record.HeaderLen:]; len(out) < int(h.Content)+int(h.Padding) {
			if reset {
				return
			}
			t.Fatalf("record %v with %d bytes left", h, len(out))
		}
		if padding := out[h.Content : int(h.Content)+int(h.Padding)]; len(bytes.Trim(padding, "\x00")) > 0 {
			t.Fatalf("padding %q of %v", padding, h)
		}
		out = out[int(h.Content)+int(h.Padding):]
		switch h.Type {
		case record.Stdout, record.Stderr:
			if over[h.ID] {
				t.Fatalf("%v after the end of STDOUT", h)
			}
			over[h.ID] = h.Type == record.Stdout && h.Content == 0
		case record.EndRequest:
			over[h.ID] = false
			if ends[h.ID]++; ends[h.ID] > begins[h.ID] {
				t.Fatalf("END_REQUEST %d of request %d, which began %d times", ends[h.ID], h.ID, begins[h.ID])
			}
		}
	}
}

// begins counts the BEGIN_REQUEST records in data, up to where it makes sense.
func begins(data []byte) map[uint16]int {
	n := map[uint16]int{}
	for len(data) >= record.HeaderLen {
		h, err := record.ParseHeader(data)
		if err != nil {
			break
		}
		if h.Type == record.BeginRequest {
			n[h.ID]++
		}
		data = data[min(len(data), record.HeaderLen+int(h.Content)+int(h.Padding)):]
	}
	return n
}

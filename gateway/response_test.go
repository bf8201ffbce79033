package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

// The bytes of a CGI response, to the letter.
func TestStatusHead(t *testing.T) {
	for _, row := range []struct {
		why  string
		set  func(h http.Header)
		code int
		want string
		log  string
	}{
		{"Status comes first", func(h http.Header) { h.Set("A", "1") }, 200, "Status: 200 OK\r\nA: 1\r\n\r\n", ""},
		{"after Location, which HAProxy takes for 302 when it comes later", func(h http.Header) { h.Set("A", "1"); h.Set("Location", "/x") }, 201, "Location: /x\r\nStatus: 201 Created\r\nA: 1\r\n\r\n", ""},
		{"in any spelling", func(h http.Header) { h["lOCATION"] = []string{"/x"} }, 301, "lOCATION: /x\r\nStatus: 301 Moved Permanently\r\n\r\n", ""},
		{"a phrase is always there", func(http.Header) {}, 599, "Status: 599 status code 599\r\n\r\n", ""},
		{"a Status of the handler is dropped in any spelling", func(h http.Header) { h["sTATUS"] = []string{"404"} }, 200, "Status: 200 OK\r\n\r\n", "gateway: Status header of the handler dropped: [\"404\"]\n"},
		{"so is what belongs to a connection", func(h http.Header) { h.Set("Connection", "close") }, 200, "Status: 200 OK\r\n\r\n", "gateway: hop-by-hop header Connection of the handler dropped\n"},
		{"a transfer coding is no news", func(h http.Header) { h.Set("Transfer-Encoding", "chunked") }, 200, "Status: 200 OK\r\n\r\n", ""},
		{"a name that is none is dropped", func(h http.Header) { h["A\r\nB"] = []string{"1"} }, 200, "Status: 200 OK\r\n\r\n", "gateway: header name \"A\\r\\nB\" dropped\n"},
		{"no Location from a line end in a value", func(h http.Header) { h.Set("A", "1\r\nLocation: /x") }, 200, "Status: 200 OK\r\nA: 1  Location: /x\r\n\r\n", ""},
	} {
		t.Run(row.why, func(t *testing.T) {
			m, err := serve(t, &gateway.Engine{}, get, func(w http.ResponseWriter, _ *http.Request) {
				row.set(w.Header())
				w.WriteHeader(row.code)
				w.(http.Flusher).Flush()
			})
			require.NoError(t, err)
			require.Equal(t, row.want, m.out.String())
			require.Equal(t, row.log, m.log())
		})
	}
}

// Fields of the engine in origin mode.
func TestOriginHead(t *testing.T) {
	for _, row := range []struct{ why, software, set, want string }{
		{"the server's name", "postern", "", "\r\nServer: postern\r\n"},
		{"cannot be two lines", "a\r\nB: 1", "", "\r\nServer: a  B: 1\r\n"},
		{"the handler's own counts more", "postern", "mine", "\r\nServer: mine\r\n"},
	} {
		o := &originMemory{memory: newMemory(vars(get), "")}
		e := gateway.Engine{Origin: true, ServerSoftware: row.software}
		require.NoError(t, e.Run(t.Context(), o, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if row.set != "" {
				w.Header().Set("Server", row.set)
			}
		})))
		require.Contains(t, o.out.String(), row.want, row.why)
		require.Equal(t, 1, strings.Count(o.out.String(), "Server: "), row.why)
	}
	o := &originMemory{memory: newMemory(vars(get), "")}
	require.NoError(t, (&gateway.Engine{Origin: true}).Run(t.Context(), o, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	require.NotContains(t, o.out.String(), "Server", "it can be off")
}

// A response that is over cannot be written, whoever still holds it: the
// exchange may serve another request by then.
func TestAfterReturn(t *testing.T) {
	var w http.ResponseWriter
	m, err := serve(t, &gateway.Engine{}, get, func(rw http.ResponseWriter, _ *http.Request) {
		w = rw
		io.WriteString(w, "in time")
	})
	require.NoError(t, err)
	sent, log := m.out.String(), m.log()

	_, err = io.WriteString(w, "late")
	require.Error(t, err)
	_, err = w.Write(nil)
	require.Error(t, err)
	_, err = io.Copy(w, strings.NewReader("late"))
	require.Error(t, err)
	c := http.NewResponseController(w)
	require.Error(t, c.Flush())
	require.Error(t, c.SetReadDeadline(m.read))
	require.Error(t, c.SetWriteDeadline(m.read))
	w.WriteHeader(500)
	w.Header().Set("A", "1")
	require.Equal(t, sent, m.out.String())
	require.Equal(t, log, m.log())
	require.Zero(t, m.flushes)
}

// Nothing but the lock of the response keeps writers apart here.
func TestConcurrentWriteAndFlush(t *testing.T) {
	m, err := serve(t, &gateway.Engine{}, get, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "80000")
		var writers sync.WaitGroup
		for range 4 {
			writers.Go(func() {
				for range 2000 {
					io.WriteString(w, "0123456789")
					w.Header().Get("Content-Length")
				}
			})
			writers.Go(func() {
				for range 500 {
					w.(http.Flusher).Flush()
				}
			})
		}
		writers.Wait()
	})
	require.NoError(t, err)
	_, body, _ := strings.Cut(m.out.String(), "\r\n\r\n")
	require.Equal(t, strings.Repeat("0123456789", 8000), body, "every piece is whole")
}

func TestFlushReachesTheExchange(t *testing.T) {
	m, err := serve(t, &gateway.Engine{}, get, func(w http.ResponseWriter, _ *http.Request) {
		m := w.(http.Flusher)
		m.Flush()
	})
	require.NoError(t, err)
	require.Equal(t, 1, m.flushes)
	require.Equal(t, m.out.Len(), m.flushed, "the head was there before the Flush")
}

// The first error of the exchange is the last word: nothing is sent after it,
// and the context ends.
func TestWriteError(t *testing.T) {
	for _, flush := range []bool{false, true} {
		m := newMemory(vars(get), "")
		err := (&gateway.Engine{}).Run(t.Context(), m, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			m.fail = errGone
			var err error
			if flush {
				err = http.NewResponseController(w).Flush()
			} else {
				_, err = io.WriteString(w, strings.Repeat("x", 5000))
			}
			require.ErrorIs(t, err, errGone)
			require.ErrorIs(t, err, gateway.ErrPeerGone)
			<-r.Context().Done()
			m.fail = nil
			_, err = io.WriteString(w, "x")
			require.ErrorIs(t, err, errGone, "an exchange that failed once is not tried again")
		}))
		require.ErrorIs(t, err, errGone)
		require.True(t, gateway.Broken(err))
		require.Empty(t, m.out.String())
	}
}

// A small response leaves in two pieces, the head and the body, which the
// exchange puts together; a large slice is passed on as it is.
type pieces struct {
	*memory
	sizes []int
	last  *byte
}

func (p *pieces) Write(b []byte) (int, error) {
	p.sizes = append(p.sizes, len(b))
	p.last = &b[0]
	return p.memory.Write(b)
}

func TestPieces(t *testing.T) {
	large := make([]byte, 100000)
	for _, row := range []struct {
		why    string
		write  func(w io.Writer)
		sizes  int
		shared bool
	}{
		{"small writes are gathered, and go with the head", func(w io.Writer) {
			for range 100 {
				io.WriteString(w, "0123456789")
			}
		}, 1, false},
		{"a large one is the caller's own slice", func(w io.Writer) { w.Write(large) }, 2, true},
		{"also after a small one", func(w io.Writer) {
			io.WriteString(w, "x")
			w.Write(large)
		}, 2, false},
	} {
		p := &pieces{memory: newMemory(vars(get), "")}
		require.NoError(t, (&gateway.Engine{}).Run(t.Context(), p, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "a/b")
			row.write(w)
		})))
		require.Len(t, p.sizes, row.sizes, row.why)
		require.Equal(t, row.shared, p.last == &large[0], row.why)
	}
}

func TestHijack(t *testing.T) {
	o := &originMemory{memory: newMemory(vars(get), "")}
	err := (&gateway.Engine{Origin: true}).Run(t.Context(), o, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "Upgrade")
		w.Header().Set("Upgrade", "echo")
		w.WriteHeader(http.StatusSwitchingProtocols)
		conn, rw, err := w.(http.Hijacker).Hijack()
		require.NoError(t, err)
		require.NotNil(t, rw)
		require.Equal(t, o.out.Len(), o.flushed, "the head has left before the connection changes hands")
		conn.Close()

		_, _, err = w.(http.Hijacker).Hijack()
		require.ErrorIs(t, err, http.ErrHijacked)
		_, err = io.WriteString(w, "x")
		require.ErrorIs(t, err, http.ErrHijacked)
		_, err = w.Write(nil)
		require.ErrorIs(t, err, http.ErrHijacked)
		require.ErrorIs(t, http.NewResponseController(w).Flush(), http.ErrHijacked)
		w.WriteHeader(500)
	}))
	require.NoError(t, err, "what becomes of the connection is the handler's")
	require.True(t, strings.HasPrefix(o.out.String(), "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n"), o.out.String())
	require.Contains(t, o.log(), "http: response.WriteHeader on hijacked connection from")
	require.Contains(t, o.log(), "http: response.Write on hijacked connection from")
}

func TestHijackBeforeAnything(t *testing.T) {
	o := &originMemory{memory: newMemory(vars(get), "")}
	err := (&gateway.Engine{Origin: true}).Run(t.Context(), o, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		require.NoError(t, err)
		conn.Close()
		panic("boom")
	}))
	require.ErrorIs(t, err, gateway.ErrPanic)
	require.False(t, gateway.Broken(err), "there is nothing of the engine's that could be broken off")
	require.Empty(t, o.out.String())
	require.Contains(t, o.log(), "boom")
}

func TestHijackAfterReturn(t *testing.T) {
	var w http.ResponseWriter
	o := &originMemory{memory: newMemory(vars(get), "")}
	require.NoError(t, (&gateway.Engine{Origin: true}).Run(t.Context(), o, http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { w = rw })))
	_, _, err := w.(http.Hijacker).Hijack()
	require.Error(t, err)
}

// A client that waits for 100 Continue gets it before the response only, also
// when the body is read while the response is written.
func TestContinueIsNeverLate(t *testing.T) {
	o := &originMemory{memory: newMemory(vars(get+"REQUEST_METHOD=PUT\nHTTP_EXPECT=100-continue\nCONTENT_LENGTH=5"), "hello")}
	require.NoError(t, (&gateway.Engine{Origin: true}).Run(t.Context(), o, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		_, err := io.Copy(w, r.Body)
		require.NoError(t, err)
	})))
	require.NotContains(t, o.out.String(), "100 Continue")
	require.True(t, strings.HasPrefix(o.out.String(), "HTTP/1.1 200 OK\r\n"))
}

// What the client asked for counts, not what the handler made of the request.
func TestRequestChangedInPlace(t *testing.T) {
	o := &originMemory{memory: newMemory(vars(get+"REQUEST_METHOD=HEAD"), "")}
	o.vars.Set("REQUEST_METHOD", "HEAD")
	require.NoError(t, (&gateway.Engine{Origin: true}).Run(t.Context(), o, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Method, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Close = "GET", "HTTP/1.0", 1, 0, true
		io.WriteString(w, "body")
	})))
	require.True(t, strings.HasPrefix(o.out.String(), "HTTP/1.1 200 OK\r\n"))
	require.NotContains(t, o.out.String(), "body")
	require.False(t, o.closing)
}

func TestOptionsAsterisk(t *testing.T) {
	const lines = "REQUEST_METHOD=OPTIONS\nREQUEST_URI=*\nHTTP_HOST=h.test\nCONTENT_LENGTH=5"
	for _, disabled := range []bool{false, true} {
		ran := false
		m := newMemory(vars(lines), "hello")
		e := gateway.Engine{DisableGeneralOptionsHandler: disabled}
		require.NoError(t, e.Run(t.Context(), m, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { ran = true })))
		require.Equal(t, disabled, ran)
		require.Equal(t, "Status: 200 OK\r\nContent-Length: 0\r\n\r\n", m.out.String())
	}
}

// A body that ends where Stdin ends is read only where the protocol says so.
func TestUnknownLength(t *testing.T) {
	for _, row := range []struct {
		why, vars, stdin string
		ends             bool
		length           int64
		body             string
	}{
		{"the protocol marks the end, and there is a body", "", "hello", true, -1, "hello"},
		{"the protocol marks the end, and there is none", "", "", true, 0, ""},
		{"one byte is a body", "", "x", true, -1, "x"},
		{"the protocol does not mark the end: what comes is another's", "", "hello", false, 0, ""},
		{"a transfer coding announces a body", "HTTP_TRANSFER_ENCODING=chunked", "hello", false, -1, "hello"},
		{"a known length is kept to", "CONTENT_LENGTH=4", "hello", true, 4, "hell"},
	} {
		t.Run(row.why, func(t *testing.T) {
			m := newMemory(vars(get+row.vars), row.stdin)
			require.NoError(t, (&gateway.Engine{BodyEnds: row.ends}).Run(t.Context(), m, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				require.Equal(t, row.length, r.ContentLength)
				require.Equal(t, row.length == 0, r.Body == http.NoBody)
				b, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				require.Equal(t, row.body, string(b))
			})))
		})
	}
}

// The error of the body's stream is the handler's, and stays.
func TestBodyError(t *testing.T) {
	m := newMemory(vars(get+"CONTENT_LENGTH=10"), "")
	m.stdin = io.MultiReader(strings.NewReader("hello"), failing{errGone})
	require.NoError(t, (&gateway.Engine{}).Run(t.Context(), m, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		require.Equal(t, "hello", string(b))
		require.ErrorIs(t, err, errGone)
		_, err = r.Body.Read(make([]byte, 1))
		require.ErrorIs(t, err, errGone)
	})))
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

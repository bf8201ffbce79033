package behaviour

import (
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

func writerRows() []Row {
	return []Row{
		{Name: "optional interfaces", Why: "what the ResponseWriter can do besides",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				_, flusher := w.(http.Flusher)
				_, readerFrom := w.(io.ReaderFrom)
				_, stringWriter := w.(io.StringWriter)
				_, pusher := w.(http.Pusher)
				p.Note("Flusher %v, ReaderFrom %v, StringWriter %v, Pusher %v", flusher, readerFrom, stringWriter, pusher)
			},
			Want: `
200 OK
Content-Length: 0
> Flusher true, ReaderFrom true, StringWriter true, Pusher false
`},
		{Name: "Hijacker", Why: "a handler finds out by type assertion whether it can have the connection",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				_, ok := w.(http.Hijacker)
				p.Note("Hijacker %v", ok)
			},
			Want: `
200 OK
Content-Length: 0
> Hijacker true
`},
		{Name: "io.ReaderFrom", Why: "io.Copy into the response, which guesses the type",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, err := io.Copy(w, strings.NewReader("<html>"))
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 6
Content-Type: text/html; charset=utf-8
body "<html>"
> 6 bytes
> copy: ok
`},
		{Name: "io.ReaderFrom, large", Why: "a large copy arrives whole",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, err := io.Copy(w, io.LimitReader(strings.NewReader(strings.Repeat("0123456789", 20000)), 150000))
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 150000 bytes, crc32 e8badb5a
> 150000 bytes
> copy: ok
`},
		{Name: "io.ReaderFrom, failing", Why: "an error of the source is the caller's, and what came before it is sent",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, err := io.Copy(w, io.MultiReader(strings.NewReader("hello"), failingReader{}))
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> 5 bytes
> copy: the source fails
`},
		{Name: "io.ReaderFrom, beyond the length", Why: "a copy cannot write more than was declared",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				w.Header().Set("Content-Length", "3")
				io.WriteString(w, "abc")
				_, err := io.Copy(w, strings.NewReader("d"))
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 3
Content-Type: text/plain; charset=utf-8
body "abc"
~ closed
> copy: http: wrote more than the declared Content-Length
`},
		{Name: "file", Why: "a file goes out by io.Copy, whole",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				f := temporary(p, strings.Repeat("0123456789", 10000))
				defer f.Close()
				w.Header().Set("Content-Type", "text/plain")
				w.Header().Set("Content-Length", "100000")
				n, err := io.Copy(w, f)
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 100000
Content-Type: text/plain
body of 100000 bytes, crc32 1cc5b887
> 100000 bytes
> copy: ok
`},
		{Name: "file without length", Why: "a file goes out without a length, too",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				f := temporary(p, strings.Repeat("0123456789", 10000))
				defer f.Close()
				io.WriteString(w, "before ")
				n, err := io.Copy(w, f)
				io.WriteString(w, " after")
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Type: text/plain; charset=utf-8
~ Transfer-Encoding: chunked
body of 100013 bytes, crc32 c6c0dcfc
> 100000 bytes
> copy: ok
`},
		{Name: "part of a file", Why: "so does a part of one",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				f := temporary(p, strings.Repeat("0123456789", 10000))
				defer f.Close()
				w.Header().Set("Content-Length", "50000")
				n, err := io.CopyN(w, f, 50000)
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 50000
Content-Type: text/plain; charset=utf-8
body of 50000 bytes, crc32 3103efa4
> 50000 bytes
> copy: ok
`},
		{Name: "file to HEAD", Why: "a file has no body for HEAD", Request: "HEAD / HTTP/1.1\nHost: h.test\n\n",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				f := temporary(p, strings.Repeat("0123456789", 10000))
				defer f.Close()
				w.Header().Set("Content-Length", "100000")
				n, err := io.Copy(w, f)
				p.Note("%d bytes", n)
				p.Err("copy", err)
			},
			Want: `
200 OK
Content-Length: 100000
Content-Type: text/plain; charset=utf-8
> 100000 bytes
> copy: ok
`},
		{Name: "io.StringWriter", Why: "a string is written as it is",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				n, err := w.(io.StringWriter).WriteString("hello")
				p.Note("%d bytes", n)
				p.Err("write", err)
			},
			Want: `
200 OK
Content-Length: 5
Content-Type: text/plain; charset=utf-8
body "hello"
> 5 bytes
> write: ok
`},
		{Name: "ResponseController", Why: "what the controller can do",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				c := http.NewResponseController(w)
				p.Err("read deadline", c.SetReadDeadline(time.Time{}))
				p.Err("write deadline", c.SetWriteDeadline(time.Now().Add(time.Hour)))
				p.Err("full duplex", c.EnableFullDuplex())
				p.Err("flush", c.Flush())
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
> read deadline: ok
> write deadline: ok
> full duplex: ok
> flush: ok
`},
		{Name: "write deadline", Why: "a deadline that has passed ends writing", Leaves: true,
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				defer p.Leave()
				p.Err("set", http.NewResponseController(w).SetWriteDeadline(time.Unix(1, 0)))
				io.WriteString(w, "x")
				err := http.NewResponseController(w).Flush()
				p.Note("os.ErrDeadlineExceeded %v", errors.Is(err, os.ErrDeadlineExceeded))
			},
			Want: `
> set: ok
> os.ErrDeadlineExceeded true
`},
		{Name: "wrapped writer", Why: "a controller finds its way through a wrapper",
			Handler: func(w http.ResponseWriter, _ *http.Request, p *Probe) {
				p.Err("flush", http.NewResponseController(wrapper{w}).Flush())
			},
			Want: `
200 OK
~ Transfer-Encoding: chunked
> flush: ok
`},
		{Name: "Write and Flush together", Why: "a goroutine that flushes does not disturb one that writes",
			Handler: func(w http.ResponseWriter, _ *http.Request, _ *Probe) {
				w.Header().Set("Content-Type", "text/plain")
				w.Header().Set("Content-Length", "40000")
				var mu sync.Mutex // net/http asks for it
				var flushing sync.WaitGroup
				stop := make(chan struct{})
				flushing.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
						}
						mu.Lock()
						w.(http.Flusher).Flush()
						mu.Unlock()
					}
				})
				for range 4000 {
					mu.Lock()
					io.WriteString(w, "0123456789")
					mu.Unlock()
				}
				close(stop)
				flushing.Wait()
			},
			Want: `
200 OK
Content-Length: 40000
Content-Type: text/plain
body of 40000 bytes, crc32 baeb7247
`},
	}
}

var errSource = errors.New("the source fails")

type failingReader struct{}

func (failingReader) Read([]byte) (int, error) { return 0, errSource }

// wrapper is the ResponseWriter of a middleware.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// temporary returns a file that has no name any more.
func temporary(p *Probe, text string) *os.File {
	f, err := os.CreateTemp("", "behaviour")
	if err != nil {
		panic(err)
	}
	os.Remove(f.Name())
	if _, err := f.WriteString(text); err != nil {
		panic(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		panic(err)
	}
	return f
}

package validate_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/postern-go/postern/validate"
)

// A trailing body sets the trailer of the server's request in a Read or in Close, as net/http's does, when nothing but its own mutex
// orders that: the steps meet by channels of no capacity, before it is set and after everything else is done.
type trailing struct {
	request *http.Request // the server's
	reads   atomic.Int32
	meet    chan bool
	done    chan bool // gets a value for each Read of a goroutine that has returned
}

// Read blocks until there is another call, or another Read has set the trailer.
func (b *trailing) Read([]byte) (int, error) {
	if b.reads.Add(1) == 1 {
		<-b.meet
		return 1, nil
	}
	b.end()
	return 0, io.EOF
}

func (b *trailing) Close() error {
	b.end()
	return nil
}

func (b *trailing) end() {
	b.meet <- true
	b.request.Trailer = http.Header{"X-A": {"1"}}
	<-b.done
}

// read reads the body that the handler has.
func (b *trailing) read(r *http.Request) {
	r.Body.Read(make([]byte, 1))
	b.done <- true
}

// What the server does with its request while the body is read or closed is not disturbed: this is for the race detector.
func TestTrailersAreTheServers(t *testing.T) {
	for why, use := range map[string]func(b *trailing, r *http.Request){
		"one goroutine closes while another reads": func(b *trailing, r *http.Request) {
			go b.read(r)
			r.Body.Close()
		},
		"two goroutines read": func(b *trailing, r *http.Request) {
			go b.read(r)
			b.read(r)
		},
		"the handler returns while its goroutine reads": func(b *trailing, r *http.Request) {
			b.reads.Add(1) // there is no Read that returns a byte
			go b.read(r)
			<-b.meet
		},
	} {
		t.Run(why, func(t *testing.T) {
			r := request("POST", "/", "body")
			b := &trailing{request: r, meet: make(chan bool), done: make(chan bool, 2)}
			r.Body, r.ContentLength = b, -1
			h := func(w http.ResponseWriter, r *http.Request) { use(b, r) }
			validate.Handler(http.HandlerFunc(h), silent).ServeHTTP(httptest.NewRecorder(), r)
			b.done <- true
		})
	}
}

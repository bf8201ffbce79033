package integration

import (
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/postern-go/postern/internal/transcript"
)

// A relay stands between a web server and a worker, both on TCP, and takes down what they say.
type relay struct {
	*net.TCPListener
	worker string // its address

	mu   sync.Mutex
	all  []*transcript.Connection
	err  error
	open sync.WaitGroup
}

// startRelay relays to the worker at an address until the test ends.
func startRelay(t *testing.T, worker string) *relay {
	t.Helper()
	r := &relay{TCPListener: listenLoopback(t), worker: worker}
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.accept()
	}()
	t.Cleanup(func() {
		require.NoError(t, r.Close())
		<-done
		r.open.Wait()
	})
	return r
}

// connections returns what has been said so far.
func (r *relay) connections(t *testing.T) []transcript.Connection {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NoError(t, r.err)
	var all []transcript.Connection
	for _, c := range r.all {
		all = append(all, *c)
	}
	return all
}

func (r *relay) accept() {
	for {
		server, err := r.AcceptTCP()
		if err != nil {
			return
		}
		worker, err := net.Dial("tcp", r.worker)
		if err != nil {
			r.failed(err)
			_ = server.Close()
			continue
		}
		said := new(transcript.Connection)
		r.mu.Lock()
		r.all = append(r.all, said)
		r.mu.Unlock()
		r.open.Go(func() { r.connection(said, server, worker.(*net.TCPConn)) })
	}
}

// connection relays one connection until both sides have ended it.
func (r *relay) connection(said *transcript.Connection, server, worker *net.TCPConn) {
	defer server.Close()
	defer worker.Close()
	var both sync.WaitGroup
	both.Go(func() { r.direction(said, transcript.WebServer, server, worker) })
	both.Go(func() { r.direction(said, transcript.Worker, worker, server) })
	both.Wait()
}

// direction relays record by record.
func (r *relay) direction(said *transcript.Connection, side transcript.Side, from, to *net.TCPConn) {
	buffer, n := make([]byte, 128<<10), 0
	for {
		read, err := from.Read(buffer[n:])
		n += read
		for {
			e, used, err := transcript.ParseWire(side, buffer[:n])
			if err != nil {
				r.failed(err)
				return
			}
			if used == 0 {
				break
			}
			r.took(said, e)
			_, _ = to.Write(buffer[:used]) // to one that has left
			n = copy(buffer, buffer[used:n])
		}
		if err != nil {
			r.took(said, transcript.Event{From: side, Closed: true})
			_ = to.CloseWrite()
			return
		}
	}
}

func (r *relay) took(said *transcript.Connection, e transcript.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	*said = append(*said, e)
}

func (r *relay) failed(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

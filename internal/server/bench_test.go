package server

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkBlockingHandlers is a server whose handlers sleep for half a
// millisecond, asked by 64 clients at a time, each on a new connection, beside
// one that plainly starts a goroutine for every connection. The metric
// x-of-plain is the time that the loop takes, as a multiple of the other's: it
// should be 1.2 at most.
func BenchmarkBlockingHandlers(b *testing.B) {
	for _, network := range []string{"unix", "tcp"} {
		b.Run(network, func(b *testing.B) {
			const turns = 8
			var loop, plain time.Duration
			for b.Loop() {
				for range turns { // in turns, so that a busy machine is busy for both
					loop += ask(b, network, serveLoop)
					plain += ask(b, network, servePlain)
				}
			}
			b.ReportMetric(float64(loop)/float64(plain), "x-of-plain")
			b.ReportMetric(float64(loop.Nanoseconds())/float64(b.N*turns*clients*asks), "ns/request")
			b.ReportMetric(0, "ns/op")
		})
	}
}

const (
	clients = 64
	asks    = 32 // of each client
)

// ask returns how long the clients take with a new server.
func ask(b *testing.B, network string, serve func(net.Listener)) time.Duration {
	l, err := net.Listen(network, map[string]string{"tcp": "127.0.0.1:0", "unix": b.TempDir() + "/s"}[network])
	require.NoError(b, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		serve(l)
	}()
	start := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			p := make([]byte, 512)
			for range asks {
				c, err := net.Dial(network, l.Addr().String())
				if err != nil {
					b.Error(err)
					return
				}
				c.Write(p)
				io.ReadFull(c, p)
				c.Close()
			}
		})
	}
	wg.Wait()
	took := time.Since(start)
	l.Close()
	<-done
	return took
}

func serveLoop(ln net.Listener) {
	l := &Loop{Handle: func(c *Conn) { slow(c) }, ErrorLog: quiet()}
	l.Serve(ln)
}

func servePlain(ln net.Listener) {
	for {
		c, err := ln.Accept()
		if err != nil {
			return
		}
		go slow(c)
	}
}

// slow answers one request, as a handler does that waits for something.
func slow(c io.ReadWriteCloser) {
	p := make([]byte, 512)
	io.ReadFull(c, p)
	time.Sleep(500 * time.Microsecond)
	c.Write(p)
	c.Close()
}

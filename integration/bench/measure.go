package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/postern-go/postern/integration/bench/client"
)

// A server is a peer that runs.
type server struct {
	peer
	name          string
	proc          *process
	front         *process // nginx, where its processor time counts too
	socket        string
	network, addr string // where the client goes
	work          client.Work
}

// A plan says how much is measured.
type plan struct {
	rounds int
	period time.Duration // of one measurement
}

// measure returns what a row finds out.
func (s *site) measure(ctx context.Context, p plan, r row) ([]result, error) {
	switch {
	case r.run:
		return s.measureRuns(ctx, p, r)
	case r.idle > 0:
		return s.measureIdle(ctx, r)
	}
	servers, stop, err := s.open(r)
	defer stop()
	if err != nil {
		return nil, err
	}
	samples := make([][]sample, len(servers))
	for round := -1; round < p.rounds; round++ {
		for i, v := range servers {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			one, err := v.sample(p, r)
			if err != nil {
				return nil, fmt.Errorf("bench: %s: %w", v.name, err)
			}
			if round >= 0 { // the first one warms up
				samples[i] = append(samples[i], one)
			}
		}
	}
	var results []result
	for i, v := range servers {
		if !r.once {
			v.count(ctx, p, r, samples[i])
		}
		results = append(results, summary(v.name, samples[i]))
	}
	return results, nil
}

// open starts the servers of a row.
func (s *site) open(r row) (servers []*server, stop func(), err error) {
	var front *process
	stop = func() {
		if front != nil {
			front.stop()
		}
		for _, v := range servers {
			v.proc.stop()
			os.Remove(v.socket)
		}
	}
	for _, name := range r.peers {
		v, err := s.serve(r, name, r.work.Conns)
		if err != nil {
			return servers, stop, fmt.Errorf("bench: %s: %w", name, err)
		}
		servers = append(servers, v)
	}
	if r.nginx {
		front, err = s.front(r, servers)
	}
	for _, v := range servers {
		if r.nginx {
			v.work.Protocol, v.work.Script = client.HTTP, ""
		}
		if r.machine && !v.direct {
			v.front = front
		}
		if r.machine && err == nil && v.proc.group == nil {
			err = fmt.Errorf("bench: %s: no control group: children that nobody waits for, as those of fcgiwrap, cannot be accounted for", v.name)
		}
	}
	return servers, stop, err
}

// serve starts one server of a row.
func (s *site) serve(r row, name string, conns int) (*server, error) {
	v := &server{peer: peers[name], name: name, work: r.work, network: "unix",
		socket: s.path(strings.ReplaceAll(name, "/", "-") + ".socket")}
	v.addr = v.socket
	v.work.Protocol = v.protocol
	if v.script != "" {
		v.work.Script = s.path(v.script)
	}
	if v.work.Size == 0 {
		v.work.Size = 13
	}
	var err error
	v.proc, err = v.peer.open(s, v.socket, conns)
	return v, err
}

// sample works on a server for a while.
func (v *server) sample(p plan, r row) (sample, error) {
	most := int64(math.MaxInt64)
	if r.once {
		most = 1
	}
	objects, size := v.allocated()
	before := v.cpu()
	n, err := v.work.Run(v.network, v.addr, p.period, most)
	spent := v.cpu() - before
	if err != nil {
		return nil, err
	}
	one := sample{cpu: spent.Seconds() * 1e6 / float64(n), memory: v.proc.resident()}
	if v.control {
		objects2, size2 := v.allocated()
		one[allocs], one[bytes] = (objects2-objects)/float64(n), (size2-size)/float64(n)
	}
	return one, nil
}

func (v *server) cpu() time.Duration {
	spent := v.proc.cpu()
	if v.front != nil {
		spent += v.front.cpu()
	}
	return spent
}

// allocated returns the objects and bytes that a worker has allocated.
func (v *server) allocated() (objects, size float64) {
	if v.control {
		answer, _ := v.proc.ask("allocs")
		fmt.Sscan(answer, &objects, &size)
	}
	return objects, size
}

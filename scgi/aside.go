package scgi

import (
	"time"

	"github.com/postern-go/postern/internal/fifo"
)

const (
	// standstill is how long a write waits until the rest of the body is set aside.
	standstill = 100 * time.Millisecond
	// asideMemory is how much of that is held in memory, in bytes, before there is a file.
	asideMemory = 64 << 10
)

// A sending is a write under way while some of the body is unread. A web server may read none of the response before it has sent all of the
// request, as Apache does.
type sending struct{ stuck *time.Timer }

func (x *exchange) sending() sending {
	if x.left.Load() == 0 || !x.watched {
		return sending{}
	}
	return sending{time.AfterFunc(standstill, func() {
		x.in.SetAside(&fifo.Queue{Memory: asideMemory, Limit: x.server.maxSpool()})
	})}
}

func (s sending) done() {
	if s.stuck != nil {
		s.stuck.Stop()
	}
}

package postern

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// scripted is a front whose requests take a given time to drain.
type scripted struct {
	fails  chan error    // what serve returns of itself
	busy   time.Duration // what shutdown waits for
	stop   chan struct{}
	closed bool
}

func newScripted(busy time.Duration) *scripted {
	return &scripted{fails: make(chan error, 1), busy: busy, stop: make(chan struct{})}
}

func (f *scripted) announce(listening func(string)) {
	if listening != nil {
		listening("scripted")
	}
}

func (f *scripted) serve() error {
	select {
	case err := <-f.fails:
		return err
	case <-f.stop:
		return nil
	}
}

func (f *scripted) shutdown(ctx context.Context) error {
	close(f.stop)
	select {
	case <-time.After(f.busy):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (f *scripted) close() { f.closed = true }

var errAccept = errors.New("accept: no more")

func TestRun(t *testing.T) {
	const never = time.Duration(1 << 62)
	for _, row := range []struct {
		drainTime time.Duration
		busy      [2]time.Duration // of the two fronts
		drain     time.Duration    // when serving ends
		abort     time.Duration    // when draining is cut short
		fail      error            // of the first front, at once
		want      string
		took      time.Duration
		closed    bool
		why       string
	}{
		{0, [2]time.Duration{}, time.Second, never, nil, "", time.Second, false, "idle fronts end at once"},
		{0, [2]time.Duration{time.Second, 3 * time.Second}, 0, never, nil, "", 3 * time.Second, false, "fronts drain together"},
		{0, [2]time.Duration{0, time.Hour}, 0, never, nil, "requests not done 30s after the end of serving were broken off", 30 * time.Second, true, "the drain time is 30 seconds"},
		{time.Second, [2]time.Duration{0, time.Hour}, 0, never, nil, "requests not done 1s after", time.Second, true, "the drain time is as told"},
		{-1, [2]time.Duration{0, time.Hour}, 0, never, nil, "", time.Hour, false, "a negative drain time has no end"},
		{0, [2]time.Duration{0, time.Hour}, 0, 2 * time.Second, nil, "closed at once by a second signal", 2 * time.Second, true, "a second signal cuts the drain short"},
		{-1, [2]time.Duration{0, time.Hour}, 0, 2 * time.Second, nil, "closed at once by a second signal", 2 * time.Second, true, "and that without a drain time too"},
		{0, [2]time.Duration{0, time.Second}, never, never, errAccept, "accept: no more", time.Second, false, "the first failure ends all, which drain"},
		{0, [2]time.Duration{0, time.Hour}, never, never, errAccept, "accept: no more", 30 * time.Second, true, "the failure counts, not the drain that it caused"},
	} {
		synctest.Test(t, func(t *testing.T) {
			one, two := newScripted(row.busy[0]), newScripted(row.busy[1])
			drain, cancel := context.WithTimeout(t.Context(), row.drain)
			defer cancel()
			abort, stop := context.WithCancelCause(t.Context())
			defer time.AfterFunc(row.abort, func() { stop(errSignal) }).Stop()
			if row.fail != nil {
				one.fails <- row.fail
			}
			var announced []string
			s := &Server{DrainTime: row.drainTime, Listening: func(addr string) { announced = append(announced, addr) }}
			start := time.Now()
			err := s.run([]front{one, two}, drain, abort)
			if row.want == "" {
				require.NoError(t, err, row.why)
			} else {
				require.ErrorContains(t, err, row.want, row.why)
			}
			require.Equal(t, row.took, time.Since(start), row.why)
			require.Equal(t, []bool{row.closed, row.closed}, []bool{one.closed, two.closed}, row.why)
			require.Equal(t, []string{"scripted", "scripted"}, announced, "every address is told: "+row.why)
		})
	}
}

func TestProcessShutdown(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	f := &process{done: make(chan struct{})}
	require.ErrorIs(t, f.shutdown(ended), context.Canceled, "the drain time holds for a CGI request")
	close(f.done)
	require.NoError(t, f.shutdown(t.Context()), "a delivered response needs no time")
}

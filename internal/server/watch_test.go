package server

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWatch(t *testing.T) {
	for _, row := range []struct {
		why  string
		do   func(w *Watch)
		want int
	}{
		{"a handler that runs for long is found once", func(w *Watch) {
			w.Begin()
			time.Sleep(10 * tick)
			w.End()
			time.Sleep(10 * tick)
		}, 1},
		{"one that is quick is not", func(w *Watch) {
			w.Begin()
			w.End()
			time.Sleep(10 * tick)
		}, 0},
		{"however many there are", func(w *Watch) {
			for range 100 {
				w.Begin()
				time.Sleep(tick / 2)
				w.End()
			}
		}, 0},
		{"each one counts by itself", func(w *Watch) {
			for range 3 {
				w.Begin()
				time.Sleep(2*tick + tick/2)
				w.End()
			}
		}, 3},
		{"time that begins anew does not add up", func(w *Watch) {
			for range 10 {
				w.Begin()
				time.Sleep(tick / 2)
			}
			w.End()
		}, 0},
		{"End without Begin is nothing", func(w *Watch) {
			w.End()
			w.End()
			time.Sleep(10 * tick)
		}, 0},
	} {
		t.Run(row.why, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				found := 0
				c := &Conn{loop: new(Loop)}
				w := new(Watch)
				c.Watch(w, func() { found++ })
				row.do(w)
				time.Sleep(3 * calmRound)
				synctest.Wait()
				require.Equal(t, row.want, found)
				require.False(t, c.loop.dog.ticking, "nobody looks when there is nothing to see")
				require.Empty(t, c.loop.dog.list)
			})
		})
	}
}

func TestWatchIsBetweenOneAndTwoTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := new(Loop)
		var found []time.Duration
		for i := range 10 {
			begun := time.Now()
			w := new(Watch)
			(&Conn{loop: loop}).Watch(w, func() { found = append(found, time.Since(begun)) })
			w.Begin()
			time.Sleep(time.Duration(i) * tick / 10)
		}
		time.Sleep(10 * tick)
		synctest.Wait()
		require.Len(t, found, 10)
		for _, d := range found {
			require.GreaterOrEqual(t, d, tick)
			require.LessOrEqual(t, d, 2*tick)
		}
	})
}

// A calmDog has had many quick handlers.
type calmDog struct {
	*watchdog
	w     Watch
	found atomic.Int32
}

func newCalmDog() *calmDog {
	c := &Conn{loop: new(Loop)}
	d := &calmDog{watchdog: &c.loop.dog}
	c.Watch(&d.w, func() { d.found.Add(1) })
	return d
}

// quick has quick handlers one after the other, and returns how often the dog looks
// meanwhile.
func (d *calmDog) quick(during time.Duration) (looks int) {
	last := d.due
	for range during / (tick / 2) {
		d.w.Begin()
		time.Sleep(tick / 4)
		d.w.End()
		time.Sleep(tick / 4)
		d.mu.Lock()
		if d.due != last {
			looks++
		}
		last = d.due
		d.mu.Unlock()
	}
	return looks
}

// lasts has a handler that ends when it is found, and returns when that is.
func (d *calmDog) lasts() time.Duration {
	begun, before := time.Now(), d.found.Load()
	for d.w.Begin(); d.found.Load() == before; synctest.Wait() {
		time.Sleep(tick / 4)
	}
	d.w.End()
	return time.Since(begun)
}

// Where handlers are quick, looks are few; where one was not, they are not.
func TestWatchGrowsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newCalmDog()
		require.Equal(t, 1+few, d.quick(few*round+tick), "at first in each round, and the first handler begins it")
		d.quick(100 * time.Millisecond)
		require.Equal(t, 10, d.quick(10*calmRound), "then in each of the calm ones")
		require.LessOrEqual(t, d.lasts(), calmRound+tick)
		require.LessOrEqual(t, d.lasts(), 2*tick, "the next one is found soon")
		require.EqualValues(t, 2, d.found.Load())
		time.Sleep(3 * calmRound)
		synctest.Wait()
		require.False(t, d.ticking)
	})
}

// One that ends between two looks ends the calm as well.
func TestWatchThatMightHaveFound(t *testing.T) {
	for _, row := range []struct {
		takes time.Duration
		found int32
	}{{tick / 2, 0}, {2 * round, 99}, {6 * round, 99}} {
		synctest.Test(t, func(t *testing.T) {
			d := newCalmDog()
			d.quick(time.Second)
			time.Sleep(3 * calmRound)
			for range 100 {
				d.w.Begin()
				time.Sleep(row.takes)
				d.w.End()
				time.Sleep(2 * calmRound)
			}
			require.Equal(t, row.found, d.found.Load(), "all but the first, of %v", row.takes)
		})
	}
}

func TestWatchThatComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		loop := new(Loop)
		var found []string
		begin := func(name string) *Watch {
			w := new(Watch)
			(&Conn{loop: loop}).Watch(w, func() { found = append(found, name) })
			w.Begin()
			return w
		}
		begin("slow")
		time.Sleep(round - tick/2)
		quick := begin("quick")
		loop.dog.timer.Stop()
		time.Sleep(10 * round)
		loop.dog.look()
		require.Equal(t, []string{"slow"}, found, "the other had no time either")
		time.Sleep(tick / 2)
		quick.End()
		time.Sleep(10 * round)
		synctest.Wait()
		require.Equal(t, []string{"slow"}, found)
		require.False(t, loop.dog.ticking)
	})
}

package server

import (
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

// Where handlers are quick, looks are few; where one was not, they are not.
func TestWatchGrowsCalm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, w, found := &Conn{loop: new(Loop)}, new(Watch), 0
		dog := &c.loop.dog
		c.Watch(w, func() { found++ })
		looks := func(during time.Duration) (n int) {
			last := dog.due
			for range during / (tick / 2) {
				w.Begin()
				time.Sleep(tick / 4)
				w.End()
				time.Sleep(tick / 4)
				if dog.mu.Lock(); dog.due != last {
					n++
				}
				last = dog.due
				dog.mu.Unlock()
			}
			return n
		}
		lasts := func() time.Duration {
			begun, before := time.Now(), found
			for w.Begin(); found == before; synctest.Wait() {
				time.Sleep(tick / 4)
			}
			w.End()
			return time.Since(begun)
		}
		require.Equal(t, 1+few, looks(few*round+tick), "at first in each round, and the first handler begins it")
		looks(100 * time.Millisecond)
		require.Equal(t, 10, looks(10*calmRound), "then in each of the calm ones")
		require.LessOrEqual(t, lasts(), calmRound+tick)
		require.LessOrEqual(t, lasts(), 2*tick, "the next one is found soon")
		require.Equal(t, 2, found)
		time.Sleep(3 * calmRound)
		synctest.Wait()
		require.False(t, dog.ticking)
	})
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

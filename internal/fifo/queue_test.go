package fifo

import (
	"bytes"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// files counts what the queues of a test have left in their own TempDir.
func files(t *testing.T, dir string) int {
	list, err := os.ReadDir(dir)
	require.NoError(t, err)
	return len(list)
}

func TestQueueKeepsOrder(t *testing.T) {
	const seed = 7
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, seed))
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	for _, row := range []struct {
		why    string
		memory int
		limit  int64
	}{
		{"all in memory", 1 << 20, 1 << 20},
		{"some of it in a file", 100, 1 << 20},
		{"everything in a file", 0, 1 << 20},
		{"in a file that comes round", 0, 40009},
	} {
		q := &Queue{Memory: row.memory, Limit: row.limit}
		var in, out []byte
		for range 2000 {
			p := make([]byte, rnd.IntN(50))
			for i := range p {
				p[i] = byte(rnd.Uint32())
			}
			in = append(in, p...)
			require.NoError(t, q.Push(p), row.why)
			if rnd.IntN(3) > 0 {
				n, err := q.Pop(p[:rnd.IntN(len(p)+1)])
				require.NoError(t, err, row.why)
				out = append(out, p[:n]...)
			}
			require.EqualValues(t, len(in)-len(out), q.Len(), row.why)
		}
		for q.Len() > 0 {
			p := make([]byte, 33)
			n, err := q.Pop(p)
			require.NoError(t, err, row.why)
			out = append(out, p[:n]...)
		}
		require.True(t, bytes.Equal(in, out), row.why)
		require.Zero(t, files(t, dir), "the file has no name")
		require.NoError(t, q.Close())
	}
}

func TestQueueLimit(t *testing.T) {
	q := &Queue{Memory: 4, Limit: 10}
	defer q.Close()
	require.NoError(t, q.Push([]byte("1234")), "memory is full then")
	require.NoError(t, q.Push([]byte("56789a")), "the limit is reached exactly")
	require.ErrorIs(t, q.Push([]byte("b")), ErrFull, "one byte over the limit")
	require.EqualValues(t, 10, q.Len(), "what is refused is not held in part")
	p := make([]byte, 4)
	n, err := q.Pop(p)
	require.NoError(t, err)
	require.Equal(t, "1234", string(p[:n]))
	require.Zero(t, q.Room(), "later bytes are in the file, so the next go there too")
	require.NoError(t, q.Push([]byte("b")), "there is room again")
}

func TestQueueFileStaysSmall(t *testing.T) {
	q := &Queue{Limit: 100}
	defer q.Close()
	p := make([]byte, 60)
	for range 10 {
		require.NoError(t, q.Push(p))
		n, err := q.Pop(p)
		require.NoError(t, err)
		require.Equal(t, 60, n)
	}
	info, err := q.file.Stat()
	require.NoError(t, err)
	require.Zero(t, info.Size(), "a file that has been read to its end is empty")
}

func TestQueueFileOfASlowReader(t *testing.T) {
	q := &Queue{Limit: 100}
	defer q.Close()
	p, next := make([]byte, 40), byte(0)
	for i := range 1000 {
		require.NoError(t, q.Push([]byte(strings.Repeat(string(rune('a'+i%26)), 40))))
		if i == 0 {
			continue // one behind from here on
		}
		for n := 0; n < len(p); {
			m, err := q.Pop(p[n:])
			require.NoError(t, err)
			n += m
		}
		require.Equal(t, strings.Repeat(string(rune('a'+next)), 40), string(p))
		next = (next + 1) % 26
		info, err := q.file.Stat()
		require.NoError(t, err)
		require.LessOrEqual(t, info.Size(), q.Limit, "a reader that is never done does not let the file grow")
	}
}

func TestQueueZeroValue(t *testing.T) {
	var q Queue
	require.ErrorIs(t, q.Push([]byte("x")), ErrFull)
	n, err := q.Pop(make([]byte, 1))
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, q.Close())
}

func TestQueueWithoutTempDir(t *testing.T) {
	t.Setenv("TMPDIR", "/nonexistent")
	q := &Queue{Limit: 10}
	require.ErrorContains(t, q.Push([]byte("x")), "temporary file")
	require.Zero(t, q.Len())
}

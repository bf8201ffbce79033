package fifo

import (
	"errors"
	"fmt"
	"os"
)

// ErrFull means that a Queue holds as much as it may.
var ErrFull = errors.New("queue is full")

// A Queue holds bytes in the order of their writing. The zero value holds
// nothing and takes nothing; from nil, too, nothing can be taken. It is not safe
// for concurrent use.
type Queue struct {
	// Memory is how many bytes are held in memory, before there is a file.
	Memory int
	// Limit is how many bytes are held in all, and how large the file grows;
	// less than Memory means that there is never a file.
	Limit int64

	memory []byte
	taken  int // of memory
	file   *os.File
	r, w   int64 // the bytes of these numbers are held, all later than memory
}

// at returns where in the file a byte is: behind the last place comes the first.
func (q *Queue) at(number int64) (offset, untilTurn int64) {
	offset = number % q.Limit
	return offset, q.Limit - offset
}

// Len returns how many bytes are held.
func (q *Queue) Len() int64 {
	if q == nil {
		return 0
	}
	return int64(len(q.memory)-q.taken) + q.w - q.r
}

// Room returns how many bytes fit into memory now. It is 0 as soon as there are
// bytes in the file.
func (q *Queue) Room() int {
	if q.r < q.w {
		return 0
	}
	return q.Memory - (len(q.memory) - q.taken)
}

// Push holds all of p, or nothing of it: the error is ErrFull, or that of the
// temporary file.
func (q *Queue) Push(p []byte) error {
	switch {
	case len(p) <= q.Room():
		q.remember(p)
		return nil
	case q.Len()+int64(len(p)) > q.Limit:
		return ErrFull
	}
	return q.spill(p)
}

func (q *Queue) remember(p []byte) {
	if q.taken > 0 && len(q.memory)+len(p) > cap(q.memory) {
		q.memory = q.memory[:copy(q.memory, q.memory[q.taken:])]
		q.taken = 0
	}
	q.memory = append(q.memory, p...)
}

func (q *Queue) spill(p []byte) error {
	if q.file == nil {
		file, err := unnamed()
		if err != nil {
			return fmt.Errorf("temporary file: %w", err)
		}
		q.file = file
	}
	w := q.w
	for len(p) > 0 {
		offset, room := q.at(w)
		piece := p[:min(int64(len(p)), room)]
		if _, err := q.file.WriteAt(piece, offset); err != nil {
			return fmt.Errorf("temporary file: %w", err)
		}
		w += int64(len(piece))
		p = p[len(piece):]
	}
	q.w = w
	return nil
}

// unnamed creates a file in os.TempDir that only this process can find.
func unnamed() (*os.File, error) {
	file, err := os.CreateTemp("", ".postern-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// Pop moves the oldest bytes to p and returns how many: 0 when nothing is held.
func (q *Queue) Pop(p []byte) (int, error) {
	if q == nil {
		return 0, nil
	}
	if q.taken < len(q.memory) {
		n := copy(p, q.memory[q.taken:])
		if q.taken += n; q.taken == len(q.memory) {
			q.memory, q.taken = q.memory[:0], 0
		}
		return n, nil
	}
	if q.r == q.w {
		return 0, nil
	}
	offset, left := q.at(q.r)
	n, err := q.file.ReadAt(p[:min(int64(len(p)), q.w-q.r, left)], offset)
	q.r += int64(n)
	if n == 0 && err != nil {
		return 0, fmt.Errorf("temporary file: %w", err)
	}
	if q.r == q.w {
		// What comes next begins the file anew, so that it stays small.
		q.r, q.w = 0, 0
		if err := q.file.Truncate(0); err != nil {
			return n, fmt.Errorf("temporary file: %w", err)
		}
	}
	return n, nil
}

// Close drops what is held and frees the file.
func (q *Queue) Close() error {
	if q == nil {
		return nil
	}
	q.memory, q.taken, q.r, q.w = nil, 0, 0, 0
	if q.file == nil {
		return nil
	}
	err := q.file.Close()
	q.file = nil
	return err
}

package fastcgi

import "sync"

// A turns lets one goroutine at a time write, in the order in which they ask.
type turns struct {
	mu      sync.Mutex
	moved   sync.Cond
	next    uint64 // the number that the next one to ask will have
	serving uint64 // the number of the one whose turn it is
}

// take waits for the caller's turn.
func (t *turns) take() {
	t.mu.Lock()
	mine := t.next
	t.next++
	for t.serving != mine {
		t.moved.Wait()
	}
	t.mu.Unlock()
}

// give ends the caller's turn.
func (t *turns) give() {
	t.mu.Lock()
	t.serving++
	if t.serving != t.next {
		t.moved.Broadcast()
	}
	t.mu.Unlock()
}

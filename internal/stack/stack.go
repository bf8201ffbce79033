package stack

// Grow makes room for what a request takes while few functions are on the stack:
// to grow it, the runtime looks up each of them, in tables that are cold.
func Grow() { grow(false) }

//go:noinline
func grow(use bool) byte {
	if use { // never: it is the size of the frame that counts, and an array that is used would be cleared
		var room [2 << 10]byte
		return last(room[:])
	}
	return 0
}

// GrowFar makes room for all that a program does. That is for one that has just
// been started and would have to page those tables in: a twentieth of the
// start-up time of a CGI program.
func GrowFar() { growFar(false) }

//go:noinline
func growFar(use bool) byte {
	if use {
		var room [8 << 10]byte
		return last(room[:])
	}
	return 0
}

//go:noinline
func last(b []byte) byte { return b[len(b)-1] }

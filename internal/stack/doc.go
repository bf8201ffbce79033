// Package stack makes room on the stack of a goroutine before it is needed.
package stack

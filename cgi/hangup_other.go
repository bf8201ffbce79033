//go:build !linux

package cgi

import "syscall"

// onHangup watches nothing: a response that nobody reads shows when it is written.
func onHangup(syscall.Conn, func()) (stop func()) {
	return func() {}
}

// hungUp cannot tell.
func hungUp(syscall.Conn) bool { return true }

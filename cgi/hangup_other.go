//go:build !linux

package cgi

import "syscall"

const seesHangup = false

// onHangup watches nothing: a response that nobody reads shows when it is written.
func onHangup(syscall.Conn, func()) (stop func()) {
	return func() {}
}

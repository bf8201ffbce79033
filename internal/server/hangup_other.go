//go:build !linux

package server

const hangupShows = false

func (c *Conn) hungUp(uintptr) bool { return false }

func readable(int) bool { return false }

func corkSocket(int) error { return nil }

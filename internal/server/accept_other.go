//go:build !linux

package server

import "net"

type rawListener struct{}

func newRawListener(net.Listener) *rawListener { return nil }

func (*rawListener) accept() (form, error) { return nil, net.ErrClosed }

func (*rawListener) interrupt() error { return net.ErrClosed }

package client

import (
	"net"
	"sync/atomic"
)

// A Traffic counts the bytes that have crossed the connections of a Work.
type Traffic struct {
	Sent, Received atomic.Int64
}

// A countedConn is a connection whose bytes are counted.
type countedConn struct {
	net.Conn
	traffic *Traffic
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.traffic.Received.Add(int64(n))
	return n, err
}

func (c countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.traffic.Sent.Add(int64(n))
	return n, err
}

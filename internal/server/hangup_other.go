//go:build !linux

package server

// Gone tells, after a read has returned err, that the peer is gone.
func (c *Conn) Gone(err error) error {
	return err
}

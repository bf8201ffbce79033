package server

import (
	"bytes"
	"io"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// told returns the deadline that the file of a descriptor has.
func told(c *Conn, which int) time.Time {
	f := c.form.(*rawForm)
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.told[which]
}

// A call waits on when its deadline has been put off, though the file learns so only when the earlier one has passed.
func TestDeadlinePutOff(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	send := func(peer net.Conn) { io.WriteString(peer, "x") }
	leave := func(peer net.Conn) { peer.Close() }
	receive := func(peer net.Conn) {
		got := make([]byte, len(big))
		if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, big) {
			peer.Close() // which fails the call
		}
	}
	for _, row := range []struct {
		call  string
		which int
		do    func(c *Conn) error
		peer  func(peer net.Conn) // ends it
	}{
		{"Read", 0, func(c *Conn) error {
			_, err := c.Read(make([]byte, 1))
			return err
		}, send},
		{"ReadLent", 0, func(c *Conn) error {
			_, err := c.ReadLent(lender{make([]byte, 1)})
			return err
		}, send},
		{"Hangup", 0, func(c *Conn) error {
			if err := c.Hangup(); err != errHangup {
				return err
			}
			return nil
		}, leave},
		{"Write", 1, func(c *Conn) error {
			n, err := c.Write(big)
			if err == nil && n != len(big) {
				err = io.ErrShortWrite
			}
			return err
		}, receive},
		{"WriteBuffers", 1, func(c *Conn) error {
			n, err := c.WriteBuffers(&net.Buffers{big[:5], big[5:]})
			if err == nil && n != int64(len(big)) {
				err = io.ErrShortWrite
			}
			return err
		}, receive},
	} {
		for _, kind := range []string{"unix descriptor", "tcp descriptor"} {
			for _, later := range []time.Time{{}, time.Now().Add(time.Hour)} {
				c, peer := accepted(t, kind)
				set := c.SetReadDeadline
				if row.which == 1 {
					set = c.SetWriteDeadline
				}
				c.socket() // has made it a file
				require.NoError(t, set(time.Now().Add(time.Millisecond)))
				first := told(c, row.which)
				require.NoError(t, set(later))
				require.Equal(t, first, told(c, row.which), "%s, %s: it costs nothing", row.call, kind)
				done := gone(func() error { return row.do(c) })
				require.Eventually(t, func() bool { return told(c, row.which).Equal(later) }, 10*time.Second, time.Millisecond,
					"%s, %s: the first has passed", row.call, kind)
				select {
				case err := <-done:
					require.Fail(t, "it waits on", "%s, %s: %v", row.call, kind, err)
				default:
				}
				row.peer(peer)
				require.NoError(t, <-done, "%s, %s", row.call, kind)
			}

			c, peer := accepted(t, kind)
			set := c.SetReadDeadline
			if row.which == 1 {
				set = c.SetWriteDeadline
			}
			c.socket()
			require.NoError(t, set(time.Now().Add(time.Hour)))
			done := gone(func() error { return row.do(c) })
			require.NoError(t, set(time.Now().Add(time.Millisecond)))
			err := <-done
			require.True(t, Interrupted(err), "%s, %s: one that is brought forward counts at once: %v", row.call, kind, err)
			require.NoError(t, set(time.Time{}))
			peer.Close()
		}
	}
}

// lender lends the same memory again and again.
type lender struct{ p []byte }

func (l lender) Lend() []byte { return l.p }
func (l lender) Return()      {}
func (l lender) Waits()       {}

// Deadlines that are set again and again to a later time reach the poller once.
func TestDeadlinePutOffOften(t *testing.T) {
	for _, kind := range []string{"unix descriptor", "tcp descriptor"} {
		c, _ := accepted(t, kind)
		c.socket()
		first := time.Now().Add(time.Hour)
		for i, set := range []func(time.Time) error{c.SetReadDeadline, c.SetWriteDeadline} {
			for more := range 10 {
				require.NoError(t, set(first.Add(time.Duration(more)*time.Second)))
				require.NoError(t, set(time.Time{}))
			}
			require.Equal(t, first, told(c, i), kind)
		}
		c.Interrupt()
		c.Resume()
		require.Zero(t, told(c, 0), "%s: after Interrupt there is none", kind)
	}
}

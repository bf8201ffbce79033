package floor

import (
	"io"
	"net"
	"net/http"

	"github.com/postern-go/postern/internal/record"
)

// Serve answers the connections of l with h.
func Serve(l net.Listener, h http.Handler) error {
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		c := &conn{nc: nc, buf: make([]byte, 16<<10), out: make([]byte, 0, 8<<10)}
		go c.serve(h)
	}
}

// A conn is one connection.
type conn struct {
	nc    net.Conn
	buf   []byte
	r, w  int // buf[r:w] has arrived
	out   []byte
	small [2048]byte // for a response

	id     uint16
	keep   bool
	params string
	left   int // content of the STDIN record at hand
	pad    int
	ended  bool // STDIN has ended
}

func (c *conn) serve(h http.Handler) {
	defer c.nc.Close()
	for {
		if c.request() != nil {
			return
		}
		w := &response{conn: c}
		h.ServeHTTP(w, c.parse())
		if _, err := io.Copy(io.Discard, (*stdin)(c)); err != nil {
			return
		}
		w.finish()
		if c.r == c.w || !c.keep {
			if c.flush() != nil || !c.keep {
				return
			}
		}
	}
}

// request reads up to the end of PARAMS.
func (c *conn) request() error {
	c.params, c.ended, c.left, c.pad = "", false, 0, 0
	for {
		h, err := c.header()
		if err != nil {
			return err
		}
		n := int(h.Content) + int(h.Padding)
		if err := c.need(n); err != nil {
			return err
		}
		content := c.buf[c.r : c.r+int(h.Content)]
		switch h.Type {
		case record.BeginRequest:
			c.id, c.keep = h.ID, content[2]&record.KeepConn != 0
		case record.Params:
			if h.Content == 0 {
				return nil
			}
			c.params += string(content)
		}
		c.r += n
	}
}

func (c *conn) header() (record.Header, error) {
	if err := c.need(record.HeaderLen); err != nil {
		return record.Header{}, err
	}
	h, err := record.ParseHeader(c.buf[c.r:])
	c.r += record.HeaderLen
	return h, err
}

// need reads until n bytes are in the buffer.
func (c *conn) need(n int) error {
	for c.w-c.r < n {
		if c.r > 0 {
			c.w = copy(c.buf, c.buf[c.r:c.w])
			c.r = 0
		}
		m, err := c.nc.Read(c.buf[c.w:])
		if err != nil {
			return err
		}
		c.w += m
	}
	return nil
}

func (c *conn) flush() error {
	_, err := c.nc.Write(c.out)
	c.out = c.out[:0]
	return err
}

// A stdin is the request body of a connection.
type stdin conn

func (s *stdin) Read(p []byte) (int, error) {
	c := (*conn)(s)
	for c.left == 0 {
		if c.ended {
			return 0, io.EOF
		}
		if err := c.need(c.pad); err != nil {
			return 0, err
		}
		c.r += c.pad
		h, err := c.header()
		if err != nil {
			return 0, err
		}
		c.left, c.pad, c.ended = int(h.Content), int(h.Padding), h.Content == 0
	}
	p = p[:min(len(p), c.left)]
	if c.r == c.w {
		n, err := c.nc.Read(p)
		c.left -= n
		return n, err
	}
	n := copy(p, c.buf[c.r:c.w])
	c.r += n
	c.left -= n
	return n, nil
}

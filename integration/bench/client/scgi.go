package client

import (
	"io"
	"strconv"
)

// scgiHead returns the netstring of a request.
func (c *client) scgiHead() []byte {
	b := []byte("CONTENT_LENGTH\x00" + strconv.FormatInt(c.Upload, 10) + "\x00SCGI\x001\x00")
	for _, v := range c.variables() {
		if v[0] != "CONTENT_LENGTH" {
			b = append(b, v[0]+"\x00"+v[1]+"\x00"...)
		}
	}
	return append(append([]byte(strconv.Itoa(len(b))+":"), b...), ',')
}

// scgiAnswer reads until the end of the connection.
func (c *client) scgiAnswer() (body int64, err error) {
	n, err := c.headLen(len(c.buf))
	if err != nil {
		return 0, err
	}
	body = int64(c.w - c.r - n)
	for {
		n, err := c.conn.Read(c.buf)
		body += int64(n)
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

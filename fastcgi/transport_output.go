package fastcgi

import (
	"bufio"
	"errors"
	"fmt"
	"io"

	"github.com/postern-go/postern/internal/backend"
	"github.com/postern-go/postern/internal/record"
)

// A callOutput is what a worker sends for one request: a reader of STDOUT that passes STDERR on and ends at END_REQUEST.
type callOutput struct {
	in     *bufio.Reader
	stderr io.Writer
	left   int  // of the content of the STDOUT record at hand
	pad    int  // the padding after it
	some   bool // STDOUT has had content
	ended  bool // STDOUT has ended
	err    error
}

func newCallOutput(conn io.Reader, stderr io.Writer) *callOutput {
	return &callOutput{in: bufio.NewReaderSize(conn, 8<<10), stderr: stderr}
}

// Read reads STDOUT. Its io.EOF means that END_REQUEST has come.
func (o *callOutput) Read(p []byte) (int, error) {
	for o.left == 0 && o.err == nil {
		if o.err = o.next(); o.err != nil {
			o.close()
		}
	}
	if o.err != nil {
		return 0, o.err
	}
	if len(p) > o.left {
		p = p[:o.left]
	}
	n, err := o.in.Read(p)
	o.left -= n
	if err != nil {
		o.err = cutShort(err)
	}
	return n, o.err
}

// Buffered is not 0 when the next Read need not wait, unless for the end of a record that the worker has begun to send.
func (o *callOutput) Buffered() int {
	if o.left > 0 {
		return min(o.left, o.in.Buffered())
	}
	return max(0, o.in.Buffered()-o.pad-record.HeaderLen+1)
}

// next reads the records up to the next one with content of STDOUT, whose content is then left.
func (o *callOutput) next() error {
	h, err := o.header()
	if err != nil {
		return err
	}
	if h.ID != callID {
		return fmt.Errorf("%v of request %d, there is only %d", h.Type, h.ID, callID)
	}
	switch h.Type {
	case record.Stdout:
		return o.stdout(int(h.Content))
	case record.Stderr:
		_, err := io.CopyN(borrowedWriter{o.stderr}, o.in, int64(h.Content))
		return cutShort(err)
	case record.EndRequest:
		return o.end(int(h.Content))
	}
	return fmt.Errorf("%v from a worker", h.Type)
}

// header reads the next record header and what is before it.
func (o *callOutput) header() (record.Header, error) {
	if _, err := o.in.Discard(o.pad); err != nil {
		return record.Header{}, cutShort(err)
	}
	o.pad = 0
	b, err := o.in.Peek(record.HeaderLen)
	if err != nil {
		return record.Header{}, cutShort(err)
	}
	h, err := record.ParseHeader(b)
	o.pad = int(h.Padding)
	o.in.Discard(record.HeaderLen)
	return h, err
}

func (o *callOutput) stdout(content int) error {
	if o.ended && content > 0 {
		return errors.New("FCGI_STDOUT after its end")
	}
	o.left = content
	o.ended = content == 0
	o.some = o.some || content > 0
	return nil
}

// end reads the body of END_REQUEST. A worker that refuses a request may say more about it on STDOUT, which then is the response.
func (o *callOutput) end(content int) error {
	b, err := o.in.Peek(min(content, record.HeaderLen+1))
	if err != nil {
		return cutShort(err)
	}
	e, err := record.ParseEnd(b)
	switch {
	case err != nil:
		return err
	case e.Status == record.RequestComplete || o.some:
		return io.EOF
	case e.Status == record.Overloaded || e.Status == record.CantMpxConn:
		return fmt.Errorf("worker answers %v: %w", e.Status, backend.ErrOverloaded)
	}
	return fmt.Errorf("worker answers %v", e.Status)
}

// cutShort makes the end of the connection an unexpected one.
func cutShort(err error) error {
	switch err {
	case nil:
		return nil
	case io.EOF, io.ErrUnexpectedEOF:
		return fmt.Errorf("connection closed before FCGI_END_REQUEST: %w", io.ErrUnexpectedEOF)
	}
	return err
}

// close ends the last line of STDERR.
func (o *callOutput) close() {
	if c, ok := o.stderr.(io.Closer); ok {
		c.Close()
	}
}

// A borrowedWriter is an error stream that is never closed here and that nothing depends on.
type borrowedWriter struct{ io.Writer }

func (w borrowedWriter) Write(p []byte) (int, error) {
	w.Writer.Write(p)
	return len(p), nil
}

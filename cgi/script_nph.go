//go:build unix

package cgi

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/backend"
)

// verbatim passes an HTTP response of an NPH program to the client as it is and as it comes (RFC 3875, section 5), and reports that it has done
// so. That takes a connection of its own to the client: there is none behind a web server and in HTTP/2. A request with a body needs its
// connection for the body, and the response to HEAD may have one that must not be sent.
func (p *process) verbatim(w http.ResponseWriter, out *bufio.Reader, logf func(error)) (bool, error) {
	if !strings.HasPrefix(filepath.Base(p.path), "nph-") || gateway.HasVars(p.r) || backend.HasBody(p.r) || p.r.Method == http.MethodHead {
		return false, nil
	}
	if start, err := out.Peek(len("HTTP/")); string(start) != "HTTP/" {
		if err == io.EOF {
			err = nil
		}
		return false, err
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return false, nil
	}
	defer conn.Close()
	left := p.watch(conn)
	err = p.copyTo(conn, out)
	conn.SetReadDeadline(past)
	<-left
	if err == nil {
		err = p.conclude(false, logf)
	}
	if err == nil {
		return true, nil
	}
	if p.cause() == nil {
		logf(p.explain(err))
	}
	p.terminate()
	reset(conn)
	return true, nil
}

// watch ends the program when the client leaves. The channel is closed when it watches no more.
func (p *process) watch(conn net.Conn) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if _, err := io.Copy(io.Discard, struct{ io.Reader }{conn}); !isPast(err) {
			p.cancel(io.ErrClosedPipe)
		}
	}()
	return done
}

// isPast says whether a Read ended since nobody watches any more.
func isPast(err error) bool {
	timeout, ok := err.(net.Error)
	return ok && timeout.Timeout()
}

// copyTo copies the output to the client. A client that takes nothing for Timeout is an error.
func (p *process) copyTo(conn net.Conn, out io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := out.Read(buf)
		if n > 0 {
			if timeout := p.timeout(); timeout > 0 {
				conn.SetWriteDeadline(time.Now().Add(timeout))
			}
			if _, failed := conn.Write(buf[:n]); failed != nil {
				return failed
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// reset lets the client tell a response that broke off from a whole one.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
}

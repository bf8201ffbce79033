package origin

import (
	"errors"
	"net"
	"net/http"
	"strconv"

	"github.com/postern-go/postern/internal/address"
)

// NewServer returns a Server that listens on a TCP port and answers by h, nil
// being http.DefaultServeMux (wsgiref's make_server). An empty host is
// 127.0.0.1, never all interfaces. Port 0 is any free one; Addr of the result
// names it. Connections wait until ListenAndServe or ServeOne is called, before
// which the other fields may be set. Close frees the port.
func NewServer(host string, port int, h http.Handler) (*Server, error) {
	s := &Server{Addr: net.JoinHostPort(host, strconv.Itoa(port)), Handler: h}
	l, err := s.listen()
	if err != nil {
		return nil, err
	}
	s.Addr, s.bound = l.Addr().String(), l
	return s, nil
}

func (s *Server) listen() (net.Listener, error) {
	a := address.Address{Protocol: address.HTTP, Network: address.TCP, Host: s.addr()}
	return a.Listen(address.Options{})
}

// bind returns the listener on Addr, which stays for the next call if keep is
// true, and is the caller's otherwise.
func (s *Server) bind(keep bool) (net.Listener, error) {
	s.once.Do(s.setup)
	s.binding.Lock()
	defer s.binding.Unlock()
	if s.loop.Draining() {
		return nil, ErrServerClosed
	}
	l := s.bound
	if l == nil {
		var err error
		if l, err = s.listen(); err != nil {
			return nil, err
		}
	}
	if s.bound = nil; keep {
		s.bound = l
	}
	return l, nil
}

// unbind closes the listener that stayed.
func (s *Server) unbind() error {
	s.binding.Lock()
	defer s.binding.Unlock()
	l := s.bound
	s.bound = nil
	if l == nil {
		return nil
	}
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

func (s *Server) addr() string {
	host, port, err := net.SplitHostPort(s.Addr)
	switch {
	case s.Addr == "":
		return "127.0.0.1:8080"
	case err == nil && host == "":
		return net.JoinHostPort("127.0.0.1", port)
	}
	return s.Addr
}

package origin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"

	"github.com/postern-go/postern/origin"
)

func ExampleServer() {
	s := &origin.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "You asked for %s.", r.URL.Path)
		}),
		ServerSoftware: "example",
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- s.Serve(l) }()

	r, err := http.Get("http://" + l.Addr().String() + "/tea")
	if err != nil {
		log.Fatal(err)
	}
	body, _ := io.ReadAll(r.Body)
	fmt.Println(r.Proto, r.Status)
	fmt.Println("Server:", r.Header.Get("Server"))
	fmt.Printf("%s\n", body)

	http.DefaultClient.CloseIdleConnections()
	s.Shutdown(context.Background())
	fmt.Println(errors.Is(<-done, origin.ErrServerClosed))
	// Output:
	// HTTP/1.1 200 OK
	// Server: example
	// You asked for /tea.
	// true
}

func ExampleDemoApp() {
	s := &origin.Server{Handler: origin.DemoApp()}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go s.Serve(l)
	defer s.Close()

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	fmt.Fprint(c, "GET / HTTP/1.0\r\n\r\n")
	answer, _ := io.ReadAll(c)
	fmt.Printf("%.15s\n", answer)
	// Output:
	// HTTP/1.0 200 OK
}

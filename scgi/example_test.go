package scgi_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/scgi"
)

func ExampleServer() {
	s := &scgi.Server{Mount: "/app", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := gateway.Vars(r)
		fmt.Fprintf(w, "%s of %s below %s\n", r.Method, v.Get("PATH_INFO"), v.Get("SCRIPT_NAME"))
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Serve(l)
	defer s.Shutdown(context.Background())

	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	io.WriteString(c, "65:CONTENT_LENGTH\x000\x00SCGI\x001\x00REQUEST_METHOD\x00GET\x00REQUEST_URI\x00/app/page\x00,")
	response, _ := io.ReadAll(c)
	fmt.Print(strings.ReplaceAll(string(response), "\r\n", "\n"))
	// Output:
	// Status: 200 OK
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 24
	//
	// GET of /page below /app
}

func ExampleTransport() {
	service := &scgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d bytes for %s\n", len(body), r.URL.Path)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go service.Serve(l)
	defer service.Shutdown(context.Background())

	client := &http.Client{Transport: &scgi.Transport{Address: l.Addr().String()}}
	resp, err := client.Post("http://www.example.com/upload", "text/plain", strings.NewReader("hello"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Print(string(body))
	// Output:
	// 5 bytes for /upload
}

package postern_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/postern-go/postern"
)

// One handler on two addresses, until the context ends.
func ExampleServer_Serve() {
	open := make(chan string, 2)
	server := postern.Server{
		Addrs: []string{"fastcgi://127.0.0.1:0", "http://127.0.0.1:0"},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "Hello world!")
		}),
		Listening: func(addr string) { open <- addr },
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx) }()

	<-open // the FastCGI worker
	answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Get(<-open)
	if err != nil {
		log.Fatal(err)
	}
	body, _ := io.ReadAll(answer.Body)
	answer.Body.Close()
	fmt.Println(string(body))

	cancel()
	fmt.Println(<-ended)
	// Output:
	// Hello world!
	// <nil>
}

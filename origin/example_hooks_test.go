package origin_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/origin"
)

// fetch prints what a server answers.
func fetch(s *origin.Server, path string) {
	r, err := http.Get("http://" + s.Addr + path)
	if err != nil {
		log.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer r.Body.Close()
	body, _ := io.ReadAll(r.Body)
	fmt.Printf("%s: %s\n", r.Status, body)
}

// word returns a handler that says one word.
func word(s string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, s) })
}

func ExampleNewServer() {
	s, err := origin.NewServer("127.0.0.1", 0, word("tea")) // port 0: any free one
	if err != nil {
		log.Fatal(err)
	}
	go s.ListenAndServe()
	defer s.Close()

	fetch(s, "/")
	// Output:
	// 200 OK: tea
}

func ExampleServer_ServeOne() {
	s, err := origin.NewServer("127.0.0.1", 0, word("tea"))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	done := make(chan error)
	go func() { done <- s.ServeOne() }()

	fetch(s, "/")
	fmt.Println(<-done)
	// Output:
	// 200 OK: tea
	// <nil>
}

func ExampleServer_SetApp() {
	s, err := origin.NewServer("127.0.0.1", 0, word("tea"))
	if err != nil {
		log.Fatal(err)
	}
	go s.ListenAndServe()
	defer s.Close()

	fetch(s, "/")
	s.SetApp(word("coffee"))
	fetch(s, "/")
	// Output:
	// 200 OK: tea
	// 200 OK: coffee
}

func ExampleServer_setupEnviron() {
	s, err := origin.NewServer("127.0.0.1", 0, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := gateway.Vars(r)
		fmt.Fprint(w, v.Get("SITE"), " ", v.Get("PATH_TRANSLATED"))
	}))
	if err != nil {
		log.Fatal(err)
	}
	s.BaseVars = env.Parse([]string{"SITE=kitchen"})
	s.SetupEnviron = func(v *env.Vars) { v.Set("PATH_TRANSLATED", "/srv"+v.Get("PATH_INFO")) }
	go s.ListenAndServe()
	defer s.Close()

	fetch(s, "/tea")
	// Output:
	// 200 OK: kitchen /srv/tea
}

// An access log, and error pages of one's own.
func ExampleServer_handleExchange() {
	s, err := origin.NewServer("127.0.0.1", 0, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("the kettle is empty")
	}))
	if err != nil {
		log.Fatal(err)
	}
	logged := make(chan string, 1)
	s.Stderr = io.Discard
	s.HandleExchange = func(ctx context.Context, e *gateway.Engine, x gateway.Exchange, h http.Handler) error {
		r, _ := x.(gateway.Requester).Request()
		own := *e
		own.ErrorBody = "No tea today."
		err := own.Run(ctx, x, h)
		logged <- fmt.Sprint(r.Method, " ", r.RequestURI, " ", err)
		return err
	}
	go s.ListenAndServe()
	defer s.Close()

	fetch(s, "/tea")
	fmt.Println(<-logged)
	// Output:
	// 500 Internal Server Error: No tea today.
	// GET /tea gateway: handler panicked: the kettle is empty
}

package fastcgi_test

import (
	"context"
	"crypto/subtle"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/postern-go/postern/fastcgi"
	"github.com/postern-go/postern/gateway"
)

// A worker, and a client of it: any http.Handler is on one side, any
// *http.Request on the other.
func ExampleServer() {
	s := &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s as %s\n", r.Method, r.URL.Path, gateway.FlagsOf(r).Role)
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go s.Serve(l)
	defer s.Shutdown(context.Background())

	client := &http.Client{Transport: &fastcgi.Transport{Address: l.Addr().String()}}
	resp, err := client.Get("http://www.example.com/page")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	fmt.Printf("%s\n%s%v\n", resp.Status, body, err)
	// Output:
	// 200 OK
	// GET /page as RESPONDER
	// <nil>
}

// An authorizer for Apache and lighttpd: it lets in who knows the password, and
// tells the application who that is.
func ExampleServer_authorizer() {
	authorize := func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth() // from lighttpd
		if v := gateway.Vars(r); v.Get("REMOTE_PASSWD") != "" {
			user, password = v.Get("REMOTE_USER"), v.Get("REMOTE_PASSWD") // from Apache
		}
		if user != "ann" || subtle.ConstantTimeCompare([]byte(password), []byte("letmein")) != 1 {
			w.Header().Set("WWW-Authenticate", `Basic realm="app"`)
			http.Error(w, "Who are you?", http.StatusUnauthorized)
			return
		}
		fastcgi.SetVariable(w, "APP_USER", user)
	}
	s := &fastcgi.Server{Authorizer: http.HandlerFunc(authorize)}

	for _, password := range []string{"letmein", "guess"} {
		r := httptest.NewRequest("GET", "/private/page", nil)
		r.SetBasicAuth("ann", password)
		w := httptest.NewRecorder()
		s.Authorizer.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header())
	}
	// Output:
	// 200 map[Variable-APP_USER:[ann]]
	// 401 map[Content-Type:[text/plain; charset=utf-8] Www-Authenticate:[Basic realm="app"] X-Content-Type-Options:[nosniff]]
}

// A Transport is a handler, too: here a worker is mounted below /app of an HTTP
// server.
func ExampleTransport() {
	worker := &fastcgi.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := gateway.Vars(r)
		fmt.Fprintf(w, "%s below %s\n", v.Get("PATH_INFO"), v.Get("SCRIPT_NAME"))
	})}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go worker.Serve(l)
	defer worker.Shutdown(context.Background())

	front := httptest.NewServer(&fastcgi.Transport{Address: l.Addr().String(), Mount: "/app"})
	defer front.Close()
	resp, err := http.Get(front.URL + "/app/page")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Print(string(body))
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// /page below /app
}

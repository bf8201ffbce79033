package env_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/postern-go/postern/env"
)

func ExampleGuessScheme() {
	fmt.Println(env.GuessScheme("on"), env.GuessScheme("off"), env.GuessScheme(""))
	// Output:
	// https http http
}

func ExampleVars_RequestURI() {
	v := env.Parse([]string{
		"HTTPS=on",
		"HTTP_HOST=example.com",
		"SCRIPT_NAME=/wiki",
		"PATH_INFO=/Main Page",
		"QUERY_STRING=action=edit",
	})
	fmt.Println(v.RequestURI())
	fmt.Println(v.RequestURIWithoutQuery())
	fmt.Println(v.ApplicationURI())

	v.Del("HTTP_HOST")
	_, err := v.RequestURI()
	fmt.Println(err)
	// Output:
	// https://example.com/wiki/Main%20Page?action=edit <nil>
	// https://example.com/wiki/Main%20Page <nil>
	// https://example.com/wiki <nil>
	// env: SERVER_NAME is missing
}

func ExampleVars_ShiftPath() {
	v := env.Parse([]string{"SCRIPT_NAME=/foo", "PATH_INFO=/bar/baz/"})
	for {
		name, found := v.ShiftPath()
		if !found {
			break
		}
		fmt.Printf("%q, then %q %q\n", name, v.Get("SCRIPT_NAME"), v.Get("PATH_INFO"))
	}
	// Output:
	// "bar", then "/foo/bar" "/baz/"
	// "baz", then "/foo/bar/baz" "/"
	// "", then "/foo/bar/baz/" ""
}

func ExampleShiftPath() {
	r := httptest.NewRequest("GET", "/users/a%2Fb/edit", nil)
	name, r, _ := env.ShiftPath(r)
	fmt.Println(name, r.URL)
	name, r, _ = env.ShiftPath(r)
	fmt.Println(name, r.URL)
	// Output:
	// users /a%2Fb/edit
	// a/b /edit
}

func ExampleTraverse() {
	apps := map[string]http.Handler{
		"blog": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, "blog at", r.URL.Path)
		}),
	}
	h := env.Traverse(func(name string, _ bool) http.Handler { return apps[name] })

	for _, target := range []string{"/blog/2025/01", "/shop"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", target, nil))
		fmt.Print(w.Code, " ", w.Body)
	}
	// Output:
	// 200 blog at /2025/01
	// 404 404 page not found
}

func ExampleVars_SetTestingDefaults() {
	v := env.Parse([]string{"REQUEST_METHOD=POST", "PATH_INFO=/form"})
	v.SetTestingDefaults()
	for name, value := range v.All() {
		fmt.Printf("%s=%s\n", name, value)
	}
	// Output:
	// REQUEST_METHOD=POST
	// PATH_INFO=/form
	// SERVER_NAME=127.0.0.1
	// SERVER_PROTOCOL=HTTP/1.1
	// HTTP_HOST=127.0.0.1
	// QUERY_STRING=
	// SERVER_PORT=80
}

func ExampleFileWrapper() {
	f := &env.FileWrapper{Reader: strings.NewReader("three blocks"), BlockSize: 5}
	defer f.Close()
	for block, err := range f.Blocks() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q\n", block)
	}
	// Output:
	// "three"
	// " bloc"
	// "ks"
}

func ExampleFileWrapper_WriteTo() {
	f := &env.FileWrapper{Reader: bytes.NewBufferString("as fast as it goes\n")}
	f.WriteTo(os.Stdout)
	// Output:
	// as fast as it goes
}

package headers_test

import (
	"fmt"
	"net/http"

	"github.com/postern-go/postern/headers"
)

func Example() {
	var h headers.Headers
	h.Set("Content-Type", "text/plain")
	h.Add("Set-Cookie", "a=1")
	h.Add("Set-Cookie", "b=2")
	h.Set("content-type", "text/html")

	fmt.Println(h.Get("CONTENT-TYPE"))
	fmt.Println(h.Values("Set-Cookie"))
	fmt.Printf("%q\n", h.String())
	// Output:
	// text/html
	// [a=1 b=2]
	// "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\ncontent-type: text/html\r\n\r\n"
}

func ExampleWrap() {
	fields := []headers.Field{{Name: "Date", Value: "today"}, {Name: "Server", Value: "postern"}}
	headers.Wrap(&fields).Del("date")
	fmt.Println(fields)
	// Output:
	// [{Server postern}]
}

func ExampleParse() {
	h, err := headers.Parse([]byte("Host: example.com\nX-Forwarded-For: 192.0.2.1\n\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for name, value := range h.All() {
		fmt.Println(name, "=", value)
	}
	// Output:
	// Host = example.com
	// X-Forwarded-For = 192.0.2.1
}

func ExampleFromHTTP() {
	header := http.Header{"Vary": {"Accept", "Cookie"}, "Etag": {`"1"`}}
	fmt.Printf("%q\n", headers.FromHTTP(header).String())
	// Output:
	// "Etag: \"1\"\r\nVary: Accept\r\nVary: Cookie\r\n\r\n"
}

func ExampleHeaders_Add() {
	var h headers.Headers
	h.Add("Content-Disposition", "attachment", headers.Param{Name: "filename", Value: "bud.gif"})
	h.Add("Set-Cookie", "a=1", headers.Param{Name: "HttpOnly", Bare: true})
	fmt.Println(h.Get("Content-Disposition"))
	fmt.Println(h.Get("Set-Cookie"))
	// Output:
	// attachment; filename="bud.gif"
	// a=1; HttpOnly
}

func ExampleHeaders_Set() {
	var h headers.Headers
	fmt.Println(h.Set("Location", "/next\r\nSet-Cookie: stolen=1"))
	fmt.Println(h.Len())
	// Output:
	// headers: value of "Location" has byte "\r" at offset 5
	// 0
}

func ExampleHeaders_SetDefault() {
	h := headers.Headers{{Name: "Server", Value: "mine"}}
	value, _ := h.SetDefault("server", "postern")
	fmt.Println(value)
	// Output:
	// mine
}

func ExampleHeaders_Lookup() {
	h := headers.Headers{{Name: "X-Empty"}}
	value, ok := h.Lookup("x-empty")
	fmt.Printf("%q %v\n", value, ok)
	// Output:
	// "" true
}

func ExampleHeaders_HTTP() {
	h := headers.Headers{{Name: "x-id", Value: "1"}, {Name: "X-ID", Value: "2"}}
	fmt.Println(h.HTTP())
	// Output:
	// map[X-Id:[1 2]]
}

func ExampleCheckName() {
	fmt.Println(headers.CheckName("X Y"))
	fmt.Println(headers.CheckName("X-Y"))
	// Output:
	// headers: name "X Y" has byte " " at offset 1
	// <nil>
}

func ExampleCheckValue() {
	fmt.Println(headers.CheckValue("one\x00two"))
	// Output:
	// headers: value has byte "\x00" at offset 3
}

func ExampleIsHopByHop() {
	fmt.Println(headers.IsHopByHop("Keep-Alive"), headers.IsHopByHop("Cache-Control"))
	// Output:
	// true false
}

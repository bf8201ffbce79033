package main

import (
	"net/http"
	"os"
)

func main() {
	h := http.Header{"Content-Type": {"text/plain"}}
	os.Stdout.WriteString("Status: 200 " + http.StatusText(200) + "\r\nContent-Type: " + h.Get("Content-Type") +
		"\r\nContent-Length: 13\r\n\r\nHello, World!")
}

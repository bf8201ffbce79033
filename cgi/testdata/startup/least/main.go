// The least program that imports net/http and answers.
package main

import (
	_ "net/http"
	"os"
)

func main() {
	os.Stdout.WriteString("Status: 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!")
}

package main

import (
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

// page is the body of the large answers. It is no part of the heap: there it would be a quarter of the least that the collector lets the
// heap grow to, and count against the servers that keep little.
var page [1 << 20]byte

func init() {
	for i := range page {
		page[i] = "0123456789abcde\n"[i%16]
	}
}

// A handler answers every kind of request that is measured.
type handler struct{}

func (handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/16k":
		sized(w, page[:16<<10])
	case "/1m":
		sized(w, page[:])
	case "/file":
		file(w, r)
	case "/upload":
		io.Copy(io.Discard, r.Body)
		hello(w)
	default:
		hello(w)
	}
}

func hello(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain")
	io.WriteString(w, "Hello, World!")
}

func sized(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.Write(body)
}

// file sends the file that the environment variable FILE names.
func file(w http.ResponseWriter, r *http.Request) {
	f, err := os.Open(os.Getenv("FILE"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, f)
}

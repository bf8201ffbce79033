package app

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

func bytes(w http.ResponseWriter, r *http.Request) {
	n, err := number(r, "n", 0)
	if err != nil {
		badRequest(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = io.Copy(w, Pattern(n))
}

func status(w http.ResponseWriter, r *http.Request) {
	code, err := number(r, "code", http.StatusOK)
	if err != nil {
		badRequest(w, err)
		return
	}
	w.WriteHeader(int(code))
}

// header sets fields past Header.Add, so that names and values arrive at the gate as they were asked for.
func header(w http.ResponseWriter, r *http.Request) {
	code, err := number(r, "code", http.StatusOK)
	if err != nil {
		badRequest(w, err)
		return
	}
	for _, field := range values(r, "h") {
		name, value, _ := strings.Cut(field, ":")
		w.Header()[name] = append(w.Header()[name], value)
	}
	w.WriteHeader(int(code))
	_, _ = io.WriteString(w, "ok\n")
}

func stream(w http.ResponseWriter, r *http.Request) {
	n, err := number(r, "n", 0)
	if err != nil {
		badRequest(w, err)
		return
	}
	ms, err := number(r, "ms", 0)
	if err != nil {
		badRequest(w, err)
		return
	}
	control := http.NewResponseController(w)
	for i := range n {
		if i > 0 {
			pause(r, ms)
		}
		if _, err := fmt.Fprintf(w, "line %d\n", i); err != nil {
			return
		}
		if err := control.Flush(); err != nil {
			return
		}
	}
}

// contentLength declares one length and writes another; the first 10 bytes are on their way before the rest is written.
func contentLength(w http.ResponseWriter, r *http.Request) {
	actual, err := number(r, "actual", 0)
	if err != nil {
		badRequest(w, err)
		return
	}
	declared, err := number(r, "declared", actual)
	if err != nil {
		badRequest(w, err)
		return
	}
	w.Header().Set("Content-Length", strconv.FormatInt(declared, 10))
	first := min(actual, 10)
	_, _ = io.Copy(w, Pattern(first))
	_ = http.NewResponseController(w).Flush()
	_, _ = io.Copy(w, &pattern{offset: first, n: actual - first})
}

func bodyOn(w http.ResponseWriter, r *http.Request) {
	code, err := number(r, "code", http.StatusOK)
	if err != nil {
		badRequest(w, err)
		return
	}
	w.WriteHeader(int(code))
	_, _ = io.WriteString(w, "forbidden-body")
}

func slow(w http.ResponseWriter, r *http.Request) {
	ms, err := number(r, "ms", 0)
	if err != nil {
		badRequest(w, err)
		return
	}
	pause(r, ms)
	_, _ = io.WriteString(w, "slept\n")
}

// pause sleeps, or returns early when the request's context ends.
func pause(r *http.Request, ms int64) {
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

package cgi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/leak"
)

// programVar makes the test binary a CGI program.
const programVar = "POSTERN_TEST_CGI_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVar) != "" {
		if err := serveProgram(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(leak.Main(m))
}

// nphVar makes that program write whole HTTP responses.
const nphVar = "POSTERN_TEST_CGI_NPH"

func serveProgram() error {
	if os.Getenv(nphVar) == "" {
		return Serve(http.HandlerFunc(program))
	}
	p, err := Process()
	if err != nil {
		return err
	}
	p.Engine.Origin = true
	return p.Serve(context.Background(), http.HandlerFunc(program))
}

// large is more than any pipe or socket holds.
const large = 4 << 20

// program is what the test binary does as a CGI program.
func program(w http.ResponseWriter, r *http.Request) {
	w.Header()["Content-Type"] = nil
	switch r.URL.Path {
	case "/echo":
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s %q %v", r.Method, r.RequestURI, body, err)
	case "/environ":
		fmt.Fprintf(w, "%q %q", os.Getenv("HTTP_PROXY"), gateway.Vars(r).Get("HTTP_PROXY"))
	case "/panic":
		panic("probe")
	case "/panic-late":
		io.WriteString(w, "partial")
		w.(http.Flusher).Flush()
		panic("probe")
	case "/goexit":
		<-time.After(2 * watchAfter)
		r.Context().Done() // the process has other goroutines
		io.WriteString(w, "never sent")
		runtime.Goexit()
	case "/wait":
		done := r.Context().Done() // from here on, signals are noticed
		w.(http.Flusher).Flush()
		<-done
		fmt.Fprintln(os.Stderr, "context ended")
	case "/wait-beside":
		done := r.Context().Done()
		reader, writer, err := os.Pipe()
		if err != nil {
			panic(err)
		}
		reader.Close()
		_, err = writer.Write([]byte("x")) // SIGPIPE
		fmt.Fprintln(os.Stderr, err)
		w.(http.Flusher).Flush()
		<-done
		fmt.Fprintln(os.Stderr, context.Cause(r.Context()))
	case "/stderr":
		_, err := io.WriteString(gateway.Stderr(r), "nobody reads this")
		fmt.Fprint(w, err)
	case "/large":
		w.Write(make([]byte, large))
	case "/write":
		w.(http.Flusher).Flush()
		for err := error(nil); err == nil; {
			_, err = w.Write(make([]byte, 64<<10))
		}
		fmt.Fprintln(os.Stderr, "write failed, context", r.Context().Err())
	}
}

package scgi

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/internal/memconn"
	"github.com/stretchr/testify/require"
)

// fuzzed does something different for each method.
func fuzzed(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case "WAIT":
		<-r.Context().Done()
	case "LATE":
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "LOG":
		io.WriteString(gateway.Stderr(r), "log")
		panic("boom")
	case "BOTH":
		w.(http.Flusher).Flush()
		io.Copy(w, r.Body)
	default:
		echo(w, r)
	}
}

// FuzzConnection sends any bytes in two pieces and then closes the sending side. Nothing may panic or stay, and whatever came has one answer:
// that of the handler, or one that says what was wrong.
func FuzzConnection(f *testing.F) {
	for _, method := range []string{"GET", "POST", "WAIT", "LATE", "LOG", "BOTH"} {
		f.Add([]byte(request(method, "/", "body")+"more"), uint16(30))
	}
	f.Fuzz(func(t *testing.T, b []byte, cut uint16) {
		if len(b) > memconn.Size {
			return
		}
		synctest.Test(t, func(t *testing.T) { fuzzConnection(t, b, min(int(cut), len(b))) })
	})
}

func fuzzConnection(t *testing.T, b []byte, cut int) {
	l := memconn.Listen()
	waited := false // a peer that sends nothing more is gone for who waits for that
	handler := func(w http.ResponseWriter, r *http.Request) {
		waited = r.Method == "WAIT"
		fuzzed(w, r)
	}
	s := &Server{Handler: http.HandlerFunc(handler), ErrorLog: slog.New(slog.DiscardHandler), MaxHeaderBytes: 1 << 16}
	go s.Serve(l)
	c, err := l.Dial()
	require.NoError(t, err)
	c.Write(b[:cut]) // there is room for all of it
	synctest.Wait()
	c.Write(b[cut:])
	c.CloseWrite()
	response, err := io.ReadAll(c)
	c.Close()
	s.Close()
	synctest.Wait()
	switch {
	case len(b) == 0:
		require.Empty(t, response, "nothing is answered to nothing")
	case err == nil && !waited:
		require.Regexp(t, "^Status: [2-5][0-9][0-9] ", string(response), "every input has an answer")
		require.Equal(t, 1, strings.Count(string(response), "Status: "), "and only one")
	}
}

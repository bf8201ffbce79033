package scgi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/postern-go/postern/gateway"
	"github.com/stretchr/testify/require"
)

func TestStderr(t *testing.T) {
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.WriteString(gateway.Stderr(r), "first ")
		io.WriteString(gateway.Stderr(r), "line\n\nsecond line\nthe last")
	})})
	g.answer(request("GET", "/a", ""))
	const attrs = " method=GET uri=/a\n"
	require.Equal(t, "level=ERROR msg=\"scgi: stderr\" line=\"first line\""+attrs+"level=ERROR msg=\"scgi: stderr\" line=\"second line\""+attrs+
		"level=ERROR msg=\"scgi: stderr\" line=\"the last\""+attrs, g.log.String(), "a record for each line, also for one without an end")
}

func TestStderrOfSeveralGoroutines(t *testing.T) {
	const writers, lines = 4, 50
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		done := make(chan struct{})
		for i := range writers {
			go func() {
				for range lines {
					fmt.Fprintf(gateway.Stderr(r), "writer%d\n", i)
				}
				done <- struct{}{}
			}()
		}
		for range writers {
			<-done
		}
	})})
	g.answer(request("GET", "/", ""))
	for i := range writers {
		require.Equal(t, lines, strings.Count(g.log.String(), fmt.Sprintf("line=writer%d ", i)), "no line is torn")
	}
}

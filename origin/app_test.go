package origin

import (
	"io"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// says is an application that answers with one word.
func says(word string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, word)
	})
}

func TestSetApp(t *testing.T) {
	g := open(t, "unix", &Server{Handler: says("first")})
	p := g.peer()
	for _, row := range []struct {
		why  string
		set  func()
		want string
	}{
		{"Handler answers", func() {}, "first"},
		{"another takes its place, on the same connection", func() { g.SetApp(says("second")) }, "second"},
		{"and another that of this one", func() { g.SetApp(says("third")) }, "third"},
		{"nil gives back to Handler", func() { g.SetApp(nil) }, "first"},
	} {
		row.set()
		p.send(get())
		p.want(row.why, response("200 OK", row.want))
	}
}

func TestSetAppLeavesWhatIsUnderWay(t *testing.T) {
	begun, goOn := make(chan bool), make(chan bool)
	g := open(t, "unix", &Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-goOn
		says("old").ServeHTTP(w, r)
	})})
	p := g.peer()
	p.send(get())
	<-begun
	g.SetApp(says("new"))
	close(goOn)
	p.want("the one that has begun", response("200 OK", "old"))
	p.send(get())
	p.want("the next request", response("200 OK", "new"))
}

func TestApp(t *testing.T) {
	s := new(Server)
	require.Same(t, http.DefaultServeMux, s.App(), "nothing said")
	handler, app := http.NewServeMux(), http.NewServeMux()
	s.Handler = handler
	require.Same(t, handler, s.App())
	s.SetApp(app)
	require.Same(t, app, s.App())
	s.SetApp(nil)
	require.Same(t, handler, s.App())
}

func TestSetAppWhileItServes(t *testing.T) {
	g := open(t, "unix", &Server{Handler: says("word")})
	var all sync.WaitGroup
	all.Go(func() {
		for range 200 {
			g.SetApp(says("word"))
			require.NotNil(t, g.App())
		}
	})
	p := g.peer()
	for range 200 {
		p.send(get())
		p.want("one or the other", response("200 OK", "word"))
	}
	all.Wait()
}

package validate

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-go/postern/gateway"
)

// TestHandler sends a built-in set of requests for each target, "/" when there
// is none, to h, and makes an error of t of everything that h does wrong at
// the level Deployed, each once for each place. A target is a path with an
// optional query, escaped.
//
// Every target is asked over HTTP and over a FastCGI gateway, both in memory:
// by each method and an unknown one, with a body and without, by an old client,
// and by one that leaves. The responses are dropped; of one without an end the
// client takes 4 MiB, a flush counting as 1 KiB, and leaves. A handler that only
// waits for its client to leave waits for ever.
func TestHandler(t TB, h http.Handler, targets ...string) {
	t.Helper()
	TestHandlerOptions(t, h, Options{}, targets...)
}

// TestHandlerOptions is [TestHandler] with other options. Without a Report the
// findings are errors of t. What its own requests do wrong as a server, to show
// how h takes it, is not reported.
func TestHandlerOptions(t TB, h http.Handler, o Options, targets ...string) {
	t.Helper()
	report := o.Report
	if report == nil {
		report = ToTest(t)
	}
	o.Report = func(f Finding) {
		if f.Rule.Side == Application {
			report(f)
		}
	}
	if len(targets) == 0 {
		targets = []string{"/"}
	}
	s := suite{tb: t, checker: newChecker(h, o)}
	for _, target := range targets {
		if !strings.HasPrefix(target, "/") {
			t.Errorf("validate: target %q does not begin with a slash", target)
			continue
		}
		for _, engine := range suiteEngines {
			if !s.run(engine, target) {
				t.Errorf("validate: target %q never came to the handler: it is malformed", target)
				break
			}
		}
	}
}

// A suite drives one handler.
type suite struct {
	tb      TB
	checker *checker
}

// suiteEngines are the gates that the requests come through.
var suiteEngines = [...]*gateway.Engine{
	{LogPanic: silent, BodyEnds: true, Flags: gateway.Flags{Multithread: true, Protocol: "http"}, Origin: true},
	{LogPanic: silent, BodyEnds: true, Flags: gateway.Flags{Multithread: true, Protocol: "fastcgi", Role: "RESPONDER"}},
}

func silent(*http.Request, any, []byte) {}

// run sends every request for one target through one gate. It reports whether
// one came to the handler.
func (s *suite) run(e *gateway.Engine, target string) (came bool) {
	get := 0
	for i, q := range suiteRequests {
		x := s.send(e, &memory{request: q, target: target})
		if x == nil {
			continue
		}
		came = true
		switch status := x.writer.answered(); {
		case i == 0:
			get = status
		case q.method == http.MethodHead && get != 0 && status != 0 && status != get:
			x.findAt(x.route(), "head-status-differs", "", "GET is answered with %d, HEAD with %d.", get, status)
		}
	}
	return came
}

// send runs one request. It returns nil when the engine answered it.
func (s *suite) send(e *gateway.Engine, m *memory) (x *exchange) {
	h := func(w http.ResponseWriter, r *http.Request) {
		x = s.checker.begin(w, r)
		defer s.recovered(x)
		s.checker.serve(x)
	}
	e.Run(context.Background(), m, http.HandlerFunc(h))
	return x
}

// recovered reports a panic and lets the engine answer it. It is deferred.
func (s *suite) recovered(x *exchange) {
	value := recover()
	switch f, found := value.(Finding); {
	case value == nil:
		return
	case found: // Options.Report is Panic
		s.tb.Errorf("%s", f.text())
	case value != http.ErrAbortHandler:
		x.find("handler-panicked", "", "The value is %q.", fmt.Sprint(value))
	}
	panic(http.ErrAbortHandler)
}

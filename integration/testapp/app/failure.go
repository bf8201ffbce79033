package app

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/postern-go/postern/gateway"
)

// Secret is the value of every panic here; no client may see it.
const Secret = "probe-panic-secret"

// patience is how long /wait-cancel waits for the end of its context.
const patience = 30 * time.Second

func panicEarly(http.ResponseWriter, *http.Request) { panic(Secret) }

func panicLate(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, "partial-body\n")
	_ = http.NewResponseController(w).Flush()
	panic(Secret)
}

func stderr(w http.ResponseWriter, r *http.Request) {
	_, _ = fmt.Fprintf(gateway.Stderr(r), "stderr-probe from %s\n", r.URL.Path)
	_, _ = io.WriteString(w, "ok\n")
}

// waitCancel also writes begun=PATH, with the process id, as soon as it waits, and gaveup=PATH when it has waited for
// ms=N milliseconds (30 seconds) in vain.
func waitCancel(w http.ResponseWriter, r *http.Request) {
	ms, err := number(r, "ms", patience.Milliseconds())
	if err != nil {
		badRequest(w, err)
		return
	}
	markNamed(r, "begun", strconv.Itoa(os.Getpid()))
	timer := time.NewTimer(time.Duration(ms) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
		markNamed(r, "mark", "cancelled\n")
	case <-timer.C:
		markNamed(r, "gaveup", "not cancelled\n")
	}
}

// markNamed writes the file that a name of the query gives, if it gives one.
func markNamed(r *http.Request, name, content string) {
	path := value(r, name)
	if path == "" {
		return
	}
	if err := Mark(path, []byte(content)); err != nil {
		panic(err)
	}
}

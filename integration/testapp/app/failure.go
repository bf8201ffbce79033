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

// waitCancel also writes the file that begun=PATH names, with the process id, as soon as it waits.
func waitCancel(_ http.ResponseWriter, r *http.Request) {
	if path := value(r, "begun"); path != "" {
		if err := Mark(path, []byte(strconv.Itoa(os.Getpid()))); err != nil {
			panic(err)
		}
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-r.Context().Done():
	case <-timer.C:
		return
	}
	if err := Mark(value(r, "mark"), []byte("cancelled\n")); err != nil {
		panic(err)
	}
}

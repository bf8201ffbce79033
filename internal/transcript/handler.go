package transcript

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Handler is the application that the recordings were made with: it says what
// it was asked, and how long the body was and what its hash. A request whose path
// begins with /wait is answered when its context has ended; begun is called
// before.
func Handler(begun func()) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/wait") {
			begun()
			<-r.Context().Done()
			return
		}
		sum := sha256.New()
		n, err := io.Copy(sum, r.Body)
		if err != nil {
			http.Error(w, "the body did not arrive", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		_, _ = fmt.Fprintf(w, "%s %s\n%d bytes, %x\n", r.Method, r.RequestURI, n, sum.Sum(nil))
	})
}

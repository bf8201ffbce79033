package integration

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBrands asks every web server for two answers of a FastCGI worker.
func TestBrands(t *testing.T) {
	for _, b := range brands() {
		t.Run(b.name, func(t *testing.T) {
			w := startWorker(t, testapp, "fastcgi", "unix")
			s := b.startTCP(t, b.name+"-fastcgi.conf", b.worker(w))
			o := &opened{server: s, client: newClient(t, s)}
			o.get(t, "/slow").want(t, http.StatusOK, "slept\n")
			e := o.get(t, "/echo").echo(t)
			require.Equal(t, "127.0.0.1", e.Environ["REMOTE_ADDR"])
		})
	}
}

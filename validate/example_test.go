package validate_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/postern-go/postern/validate"
)

func ExampleHandler() {
	app := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNoContent)
		io.WriteString(w, "deleted")
	})
	checked := validate.Handler(app, validate.Options{Report: func(f validate.Finding) {
		fmt.Println(f.Rule.ID, f.Rule.Severity, f.Rule.Section)
		fmt.Println(f.Rule.Sentence, f.Detail)
		fmt.Println(f.Rule.Fix)
	}})
	checked.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("DELETE", "/a", nil))
	// Output:
	// body-not-allowed error RFC 9110, sections 6.4.1 and 15.3.6
	// A body was written for a status that has none. 7 bytes were written with status 204.
	// Do not write after 101, 204, 205 and 304.
}

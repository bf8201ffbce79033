package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"

	"github.com/postern-go/postern/gateway"
	"github.com/postern-go/postern/origin"
)

// reportType is what asks the demo application for a report, as the one type accepted.
const reportType = "application/json"

// report is what a gate made of a request.
type report struct {
	PID       int
	Body      int64 // bytes of request body that arrived
	Flags     gateway.Flags
	Variables map[string]string
}

// demoApp is the demo application, which also answers with a report.
func demoApp() http.Handler {
	app := origin.DemoApp()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept") != reportType {
			app.ServeHTTP(w, r)
			return
		}
		rep := report{PID: os.Getpid(), Flags: gateway.FlagsOf(r), Variables: map[string]string{}}
		var err error
		if rep.Body, err = io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for name, value := range gateway.Vars(r).All() {
			rep.Variables[name] = value
		}
		w.Header().Set("Content-Type", reportType)
		json.NewEncoder(w).Encode(rep)
	})
}

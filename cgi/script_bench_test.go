package cgi_test

import (
	"net/http/httptest"
	"os/exec"
	"syscall"
	"testing"

	"github.com/postern-go/postern/cgi"
)

// usage is the CPU time of this process and of its children that have ended, in microseconds.
func usage() (own, children float64) {
	var self, ended syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &self)
	syscall.Getrusage(syscall.RUSAGE_CHILDREN, &ended)
	micros := func(r *syscall.Rusage) float64 {
		return float64(r.Utime.Sec+r.Stime.Sec)*1e6 + float64(r.Utime.Usec+r.Stime.Usec)
	}
	return micros(&self), micros(&ended)
}

// A program that does nothing: echo without arguments writes an empty head. The metrics are the CPU time of both sides.
func BenchmarkScript(b *testing.B) {
	path, err := exec.LookPath("echo")
	if err != nil {
		b.Fatal(err)
	}
	s := &cgi.Script{Path: path}
	own, children := usage()
	for b.Loop() {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
		if w.Code != 200 {
			b.Fatal(w.Code)
		}
	}
	ownAfter, childrenAfter := usage()
	b.ReportMetric((ownAfter-own)/float64(b.N), "own-cpu-µs/op")
	b.ReportMetric((childrenAfter-children)/float64(b.N), "program-cpu-µs/op")
}

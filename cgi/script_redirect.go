//go:build unix

package cgi

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// maxRedirects is how many local redirects may follow each other, as in Apache.
const maxRedirects = 10

// hopsKey is that of the number of local redirects that led to a request.
type hopsKey struct{}

// redirector returns the handler that answers local redirects, nil when the client is to follow them.
func (s *Script) redirector(r *http.Request) http.Handler {
	if s.Redirect != nil || gateway.HasVars(r) {
		return s.Redirect
	}
	if h := gateway.HandlerOf(r); h != nil {
		return h
	}
	server, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	switch {
	case server == nil:
		return nil
	case server.Handler == nil:
		return http.DefaultServeMux
	}
	return server.Handler
}

// redirect answers r as a request for target would be answered.
func (s *Script) redirect(w http.ResponseWriter, r *http.Request, target string) {
	hops, _ := r.Context().Value(hopsKey{}).(int)
	if hops++; hops > maxRedirects {
		s.fail(w, r, fmt.Errorf("cgi: %d local redirects in a row, the last one to %.80q", maxRedirects, target))
		return
	}
	to, err := url.ParseRequestURI(target)
	if err == nil && strings.ContainsFunc(target, func(c rune) bool { return c <= ' ' || c == 0x7f }) {
		err = fmt.Errorf("%.80q is not a request target", target)
	}
	if err != nil {
		s.fail(w, r, fmt.Errorf("cgi: local redirect: %w", err))
		return
	}
	s.redirector(r).ServeHTTP(w, redirected(r, hops, to, target))
}

// redirected returns the request that a client would make if it followed. It has no body.
func redirected(r *http.Request, hops int, to *url.URL, target string) *http.Request {
	next := r.WithContext(context.WithValue(r.Context(), hopsKey{}, hops))
	if next.Method != http.MethodHead {
		next.Method = http.MethodGet
	}
	next.URL, next.RequestURI, next.Pattern = to, target, ""
	next.Body, next.ContentLength, next.TransferEncoding, next.Trailer = http.NoBody, 0, nil, nil
	next.Form, next.PostForm, next.MultipartForm = nil, nil, nil
	next.Header = r.Header.Clone()
	for _, name := range []string{"Content-Length", "Content-Type", "Content-Encoding", "Expect"} {
		next.Header.Del(name)
	}
	return gateway.WithVars(next, redirectedVars(r, next))
}

// redirectedVars returns the variables of r with those of the new target.
func redirectedVars(r, next *http.Request) *env.Vars {
	v := gateway.Vars(r).Clone()
	for _, name := range []string{"SCRIPT_FILENAME", "SCRIPT_NAME", "PATH_INFO", "PATH_TRANSLATED", "DOCUMENT_URI", "CONTENT_LENGTH", "CONTENT_TYPE",
		"HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_CONTENT_ENCODING", "HTTP_TRANSFER_ENCODING", "HTTP_EXPECT"} {
		v.Del(name)
	}
	path := "PATH_INFO"
	if gateway.HasVars(r) { // a web server with its stock configuration
		path = "SCRIPT_NAME"
	}
	v.Set(path, next.URL.Path)
	v.Set("REQUEST_METHOD", next.Method)
	v.Set("QUERY_STRING", next.URL.RawQuery)
	v.Set("REQUEST_URI", next.RequestURI)
	return v
}

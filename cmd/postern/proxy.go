package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"time"

	"github.com/postern-go/postern/internal/address"
)

// proxy passes requests on to an HTTP server. The server learns of the client by the X-Forwarded fields, of which those that came are dropped.
func proxy(to address.Address, log *slog.Logger) *httputil.ReverseProxy {
	transport := dialTransport(to)
	transport.DisableKeepAlives = false
	transport.IdleConnTimeout = time.Minute
	transport.MaxIdleConnsPerHost = 64
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			passOn(r)
			r.SetXForwarded()
		},
		Transport: transport,
		ErrorLog:  slog.NewLogLogger(log.Handler(), slog.LevelError),
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
			if r.Context().Err() == nil { // otherwise the client has left
				log.Error(fmt.Sprintf("http: %v", err), "method", r.Method, "uri", r.RequestURI)
			}
			http.Error(w, "502 Bad Gateway", http.StatusBadGateway)
		},
	}
}

// passOn leaves the request as it is; dialTransport knows where it goes.
func passOn(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.Host = "http", "worker"
}

// dialTransport speaks HTTP to one address, whatever the URL says. It keeps no connection.
func dialTransport(to address.Address) *http.Transport {
	return &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, to.Network, to.Host)
		},
		DisableKeepAlives:     true,
		DisableCompression:    true,
		ExpectContinueTimeout: time.Second,
	}
}

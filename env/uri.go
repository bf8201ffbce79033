package env

import (
	"fmt"
	"net/netip"
	"strings"
)

// RequestURI rebuilds the absolute URI of the request, query included, from
// the variables (wsgiref.util.request_uri): scheme, host, SCRIPT_NAME,
// PATH_INFO, QUERY_STRING. It is not the variable REQUEST_URI, which is the
// request target as the client sent it.
//
// The host is HTTP_HOST, which the client chose, or SERVER_NAME with
// SERVER_PORT; an error says which of the latter is missing. The paths are
// quoted again, the rest is taken as it is, apart from control characters,
// which are escaped, and IPv6 addresses, which get their brackets. A path
// without its leading slash gets one.
func (v *Vars) RequestURI() (string, error) {
	uri, err := v.RequestURIWithoutQuery()
	if err != nil {
		return "", err
	}
	if query := v.Get("QUERY_STRING"); query != "" {
		uri += "?" + escapeControls(query)
	}
	return uri, nil
}

// RequestURIWithoutQuery is [Vars.RequestURI] up to the end of the path.
func (v *Vars) RequestURIWithoutQuery() (string, error) {
	uri, err := v.ApplicationURI()
	if err != nil {
		return "", err
	}
	path := v.Get("PATH_INFO")
	if v.Get("SCRIPT_NAME") == "" {
		path = strings.TrimPrefix(path, "/") // uri ends in it
	}
	return uri + quote(path, "/;=,"), nil
}

// ApplicationURI rebuilds the absolute URI of the application that the request
// is for: that of [Vars.RequestURI] up to the end of SCRIPT_NAME, or the root
// when there is none (wsgiref.util.application_uri). The same variable is
// missing in both.
//
// SCRIPT_NAME is believed. Servers that send the whole path there and no
// PATH_INFO, as nginx does with its stock parameters, make it the URI of the
// request.
func (v *Vars) ApplicationURI() (string, error) {
	host, err := v.authority()
	if err != nil {
		return "", err
	}
	script := strings.TrimPrefix(v.Get("SCRIPT_NAME"), "/")
	return v.Scheme() + "://" + host + "/" + quote(script, "/"), nil
}

// authority returns host and port, the port only where the scheme does not
// imply it. HAProxy's SERVER_NAME has a port already, which is cut.
func (v *Vars) authority() (string, error) {
	if host := v.Get("HTTP_HOST"); host != "" {
		return escapeControls(bracketed(host)), nil
	}
	name, port := v.Get("SERVER_NAME"), v.Get("SERVER_PORT")
	switch {
	case name == "":
		return "", missing("SERVER_NAME")
	case port == "":
		return "", missing("SERVER_PORT")
	}
	name = bracketed(serverHost(name))
	if port != standardPort(v.Scheme()) {
		name += ":" + port
	}
	return escapeControls(name), nil
}

func missing(name string) error {
	return fmt.Errorf("env: %s is missing", name)
}

func standardPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// bracketed returns an IPv6 address as it stands in a URI (RFC 3986, section
// 3.2.2; RFC 6874 for its zone), anything else as it is.
func bracketed(host string) string {
	if addr, err := netip.ParseAddr(host); err != nil || addr.Is4() {
		return host
	}
	return "[" + strings.ReplaceAll(host, "%", "%25") + "]"
}

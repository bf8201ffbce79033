package validate

import (
	"net"
	"net/netip"
	"strconv"
	"strings"

	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// A variable is one that the checks look at. An empty one equals a missing one
// (RFC 3875, section 4.1), but for those that have to be set.
type variable struct {
	value string
	set   bool
}

func (v variable) missing() bool { return v.value == "" }

// variables are those with rules of their own.
type variables struct {
	authType, contentLength, contentType, gatewayInterface, https         variable
	pathInfo, pathTranslated, queryString, remoteAddr, remoteUser         variable
	requestMethod, requestScheme, scgi, scriptName, serverName            variable
	serverPort, serverProtocol, serverSoftware                            variable
	fieldAuthorization, fieldLength, fieldProxy, fieldTransfer, fieldType variable
}

func (s *variables) place(name string) *variable {
	switch name {
	case "AUTH_TYPE":
		return &s.authType
	case "CONTENT_LENGTH":
		return &s.contentLength
	case "CONTENT_TYPE":
		return &s.contentType
	case "GATEWAY_INTERFACE":
		return &s.gatewayInterface
	case "HTTPS":
		return &s.https
	case "PATH_INFO":
		return &s.pathInfo
	case "PATH_TRANSLATED":
		return &s.pathTranslated
	case "QUERY_STRING":
		return &s.queryString
	case "REMOTE_ADDR":
		return &s.remoteAddr
	case "REMOTE_USER":
		return &s.remoteUser
	case "REQUEST_METHOD":
		return &s.requestMethod
	case "REQUEST_SCHEME":
		return &s.requestScheme
	case "SCGI":
		return &s.scgi
	case "SCRIPT_NAME":
		return &s.scriptName
	case "SERVER_NAME":
		return &s.serverName
	case "SERVER_PORT":
		return &s.serverPort
	case "SERVER_PROTOCOL":
		return &s.serverProtocol
	case "SERVER_SOFTWARE":
		return &s.serverSoftware
	case "HTTP_AUTHORIZATION":
		return &s.fieldAuthorization
	case "HTTP_CONTENT_LENGTH":
		return &s.fieldLength
	case "HTTP_CONTENT_TYPE":
		return &s.fieldType
	case "HTTP_PROXY":
		return &s.fieldProxy
	case "HTTP_TRANSFER_ENCODING":
		return &s.fieldTransfer
	}
	return nil
}

func (x *exchange) checkVariables(v *env.Vars, f gateway.Flags) {
	var s variables
	for name, value := range v.Pairs() {
		if place := s.place(name); place != nil {
			*place = variable{value, true}
		}
	}
	authorizer := f.Role == "AUTHORIZER"
	x.checkRole(&s, v, f)
	x.checkServerVariables(&s)
	x.checkPathVariables(&s, authorizer)
	x.checkPeerVariables(&s)
	x.checkRequestVariables(&s)
	if !authorizer {
		x.checkBodyVariables(&s)
	}
	x.checkSchemeVariables(&s, v)
	x.checkFieldVariables(v)
}

// checkServerVariables is about what the server says of itself.
func (x *exchange) checkServerVariables(s *variables) {
	if s.gatewayInterface.missing() {
		x.find("vars-gateway-interface-missing", "GATEWAY_INTERFACE", "")
	} else if !gatewayVersion(s.gatewayInterface.value) {
		x.find("vars-gateway-interface-malformed", "GATEWAY_INTERFACE", "It is %q.", s.gatewayInterface.value)
	}
	if s.serverName.missing() {
		x.find("vars-server-name-missing", "SERVER_NAME", "")
	} else if !serverName(s.serverName.value) {
		x.find("vars-server-name-malformed", "SERVER_NAME", "It is %q.", s.serverName.value)
	}
	if s.serverPort.missing() {
		x.find("vars-server-port-missing", "SERVER_PORT", "")
	} else if !port(s.serverPort.value) {
		x.find("vars-server-port-malformed", "SERVER_PORT", "It is %q.", s.serverPort.value)
	}
	if s.serverSoftware.missing() {
		x.find("vars-server-software-missing", "SERVER_SOFTWARE", "")
	}
}

// gatewayVersion knows CGI/1.1 and its kind (RFC 3875, section 4.1.4).
func gatewayVersion(s string) bool {
	rest, found := strings.CutPrefix(s, "CGI/")
	major, minor, both := strings.Cut(rest, ".")
	return found && both && version(major) && version(minor)
}

func version(s string) bool {
	return s != "" && decimal(s) && (s == "0" || s[0] != '0')
}

// serverName knows a host without a port, an IPv6 address in brackets.
func serverName(s string) bool {
	if strings.HasPrefix(s, "[") {
		return hostPort(s) && strings.HasSuffix(s, "]")
	}
	return !strings.Contains(s, ":") && hostPort(s)
}

func port(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// checkPathVariables is about the parts of the path.
func (x *exchange) checkPathVariables(s *variables, authorizer bool) {
	if !s.queryString.set {
		x.find("vars-query-string-missing", "QUERY_STRING", "")
	}
	if !s.pathTranslated.missing() && s.pathInfo.missing() {
		x.find("vars-path-translated-alone", "PATH_TRANSLATED", "It is %q.", s.pathTranslated.value)
	}
	script, info := s.scriptName.value, s.pathInfo.value
	if script != "" && script[0] != '/' {
		x.find("vars-script-name-relative", "SCRIPT_NAME", "It is %q.", script)
	}
	if info != "" && info[0] != '/' && x.method != "OPTIONS" {
		x.find("vars-path-info-relative", "PATH_INFO", "It is %q.", info)
	}
	if script == "/" {
		x.find("vars-script-name-root", "SCRIPT_NAME", "It is %q.", script)
	}
	if authorizer {
		return
	}
	if !s.scriptName.set {
		x.find("vars-script-name-missing", "SCRIPT_NAME", "")
	}
	if script == "" && info == "" {
		x.find("vars-path-missing", "PATH_INFO", "")
	}
	if u := x.request.URL; u != nil && info != "" && script+info != u.Path {
		x.find("vars-path-differs", "PATH_INFO", "SCRIPT_NAME is %q, PATH_INFO %q, and the path %q.", script, info, u.Path)
	}
}

// checkPeerVariables is about the client and what is known of it.
func (x *exchange) checkPeerVariables(s *variables) {
	if s.remoteAddr.missing() {
		x.find("vars-remote-addr-missing", "REMOTE_ADDR", "")
	} else if !clientAddr(s.remoteAddr.value) {
		x.find("vars-remote-addr-malformed", "REMOTE_ADDR", "It is %q.", s.remoteAddr.value)
	}
	if !s.remoteUser.missing() && s.authType.missing() {
		x.find("vars-remote-user-alone", "REMOTE_USER", "It is %q.", s.remoteUser.value)
	}
	if auth := s.authType.value; (strings.EqualFold(auth, "Basic") || strings.EqualFold(auth, "Digest")) && s.remoteUser.missing() {
		x.find("vars-auth-type-alone", "AUTH_TYPE", "It is %q.", auth)
	}
	if !s.authType.missing() && !s.fieldAuthorization.missing() {
		x.find("vars-authorization-passed", "HTTP_AUTHORIZATION", "AUTH_TYPE is %q.", s.authType.value)
	}
	if s.fieldProxy.set {
		x.find("vars-proxy", "HTTP_PROXY", "It is %q.", s.fieldProxy.value)
	}
}

// clientAddr knows IP addresses and the names that unix sockets go by.
func clientAddr(s string) bool {
	if _, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil {
		return true
	}
	return s == "unix:" || strings.HasPrefix(s, "@") || strings.HasPrefix(s, "/")
}

// remoteAddr knows what net/http.Server sets.
func remoteAddr(s string) bool {
	host, p, err := net.SplitHostPort(s)
	if err != nil {
		return s == "@" || strings.HasPrefix(s, "/") || strings.HasPrefix(s, "@")
	}
	_, err = netip.ParseAddr(host)
	return err == nil && (p == "0" || port(p))
}

package validate

import (
	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/gateway"
)

// checkServer checks everything that the server hands to the handler.
func (x *exchange) checkServer() {
	flags := gateway.FlagsOf(x.request)
	x.checkFlags(flags)
	if x.variables {
		v := gateway.Vars(x.request)
		x.checkNames(v)
		x.checkVariables(v, flags)
	}
	x.checkTarget()
	x.checkHost()
	x.checkPeer()
	x.checkHeader()
	x.checkLength()
	x.checkWriter()
}

func (x *exchange) checkFlags(f gateway.Flags) {
	switch f.Protocol {
	case "cgi", "fastcgi", "scgi", "http":
	default:
		x.find("flags-protocol-unknown", "Protocol", "It is %q.", f.Protocol)
	}
	switch {
	case f.Protocol != "fastcgi" && f.Role == "":
	case f.Protocol == "fastcgi" && (f.Role == "RESPONDER" || f.Role == "AUTHORIZER" || f.Role == "FILTER"):
	default:
		x.find("flags-role-unknown", "Role", "It is %q, and Protocol %q.", f.Role, f.Protocol)
	}
	if f.RunOnce && f.Multithread {
		x.find("flags-contradict", "RunOnce", "RunOnce and Multithread are both true.")
	}
}

// checkRole checks what a role of FastCGI, or SCGI, demands of the variables.
func (x *exchange) checkRole(s *variables, v *env.Vars, f gateway.Flags) {
	switch {
	case f.Protocol == "scgi" && s.scgi.value != "1":
		x.find("scgi-missing", "SCGI", "It is %q.", s.scgi.value)
	case f.Role == "AUTHORIZER":
		for _, name := range [...]string{"CONTENT_LENGTH", "PATH_INFO", "PATH_TRANSLATED", "SCRIPT_NAME"} {
			if value := v.Get(name); value != "" {
				x.find("authorizer-variables", name, "%s is %q.", name, value)
			}
		}
	case f.Role == "FILTER":
		for _, name := range [...]string{"FCGI_DATA_LAST_MOD", "FCGI_DATA_LENGTH"} {
			if value := v.Get(name); !decimal(value) {
				x.find("filter-data-missing", name, "%s is %q.", name, value)
			}
		}
	}
}

func (x *exchange) checkWriter() {
	w := x.writer.inner
	if w.Header() == nil {
		x.find("writer-header-missing", "", "It is a %T.", w)
	}
	if !flushable(w) {
		x.find("writer-flusher-missing", "", "It is a %T.", w)
	}
}

// decimal reports whether s is a number as lengths are written.
func decimal(s string) bool {
	_, err := env.ParseLength(s)
	return err == nil
}

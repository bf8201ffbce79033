package fastcgi

import (
	"net/http"

	"github.com/postern-go/postern/headers"
)

// SetVariable gives the web server a variable along with the permission to go
// on: it is for the ResponseWriter of a handler of the Authorizer role, which
// allows with the status 200, and must be called before that is written. The
// web server adds it to the variables of the request that follows (FastCGI 1.0,
// section 6.3).
//
// The name goes out as it is spelled, in a header field Variable-NAME, where
// http.Header.Set would turn USER_ID into User_id. A variable of the same
// spelling is replaced. SetVariable panics when name is empty or has other
// characters than letters, digits and those of a token (RFC 9110, section
// 5.6.2), since a variable that does not arrive may be one that restricts: the
// panic of a handler does not allow. Control characters in the value go out as
// spaces.
func SetVariable(w http.ResponseWriter, name, value string) {
	if err := headers.CheckName(name); err != nil {
		panic("fastcgi: variable: " + err.Error())
	}
	w.Header()["Variable-"+name] = []string{value}
}

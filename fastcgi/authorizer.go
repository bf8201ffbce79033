package fastcgi

import (
	"errors"
	"net/http"

	"github.com/postern-go/postern/headers"
	"github.com/postern-go/postern/internal/record"
)

// errNoBody is why nothing is held of what an Authorizer gets on STDIN.
var errNoBody = errors.New("fastcgi: an authorizer has no body")

var errNoAuthorizer = errors.New("fastcgi: request of the Authorizer role, and the server has no Authorizer")

// authorize settles that a request of the Authorizer role is refused where
// nobody can decide. FCGI_UNKNOWN_ROLE alone would not do: lighttpd takes an
// end without a response for permission.
func (q *request) authorize() {
	q.stdin.err = errNoBody
	if q.conn.srv.Authorizer == nil {
		q.refusal = http.StatusInternalServerError
	}
}

// endAuthorizer makes sure that an Authorizer never ends without a response,
// unless it is the web server who has left, and returns how it ends. What the
// handler set as a deadline does not bound that response.
func (c *conn) endAuthorizer(q *request, e record.End, left bool) record.End {
	if !q.wrote && !left {
		c.out.turns.bound(q, nil)
		c.srv.engines[q.role-1].Refuse(q, http.StatusInternalServerError)
	}
	if c.srv.Authorizer == nil {
		c.refused(errNoAuthorizer)
		e.Status = record.UnknownRole
	}
	return e
}

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

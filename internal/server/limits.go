package server

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// OrDefault returns v, or otherwise where v is 0: what a field of a front end's
// Server stands for.
func OrDefault[T ~int | ~int64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

// Deadline is the time d from now; none when d is not positive.
func Deadline(d time.Duration) time.Time { return DeadlineFrom(time.Now(), d) }

// DeadlineFrom is the time d from t; none when d is not positive.
func DeadlineFrom(t time.Time, d time.Duration) time.Time {
	if d <= 0 {
		return time.Time{}
	}
	return t.Add(d)
}

// defaultVars bounds the number of variables where nothing else is said. Each
// takes memory beyond its bytes.
const defaultVars = 4096

// Vars bounds the variables of one request.
type Vars struct {
	// Size is the most bytes of one name and its value; 0 and less mean no
	// bound.
	Size int
	// Count is the most variables, repeats counted. 0 means 4096, less means no
	// bound.
	Count int
}

// Check returns an error for the variable of this number, from 1, whose name and
// value have so many bytes, when it is over a bound.
func (v Vars) Check(number, size int) error {
	if v.Count == 0 {
		v.Count = defaultVars
	}
	if v.Count > 0 && number > v.Count || v.Size > 0 && size > v.Size {
		return v.over(number, size)
	}
	return nil
}

func (v Vars) over(number, size int) error {
	if v.Count > 0 && number > v.Count {
		return errManyVars
	}
	return fmt.Errorf("variable of %d bytes", size)
}

var errManyVars = errors.New("too many variables")

// ErrOverloaded says that a request came while MaxRequests were under way.
var ErrOverloaded = errors.New("too many requests under way on the server")

// Take counts a request in. It returns false, and counts nothing, when there are
// MaxRequests already. Otherwise Done counts it out.
func (l *Loop) Take() bool {
	if l.MaxRequests <= 0 {
		return true
	}
	if l.requests.Add(1) > int64(l.MaxRequests) {
		l.requests.Add(-1)
		return false
	}
	return true
}

// Done counts a request out that Take has counted in.
func (l *Loop) Done() {
	if l.MaxRequests > 0 {
		l.requests.Add(-1)
	}
}

// LargeHead logs a head that some web server will not take, once for all
// requests. It is for gateway.Engine.LargeHead.
func (l *Loop) LargeHead(r *http.Request, size, fields int) {
	if l.warned.CompareAndSwap(false, true) {
		l.Log().Warn(l.Name+": response head larger than some web servers take by default (4096 bytes, 100 fields); later ones are not logged",
			"bytes", size, "fields", fields, "uri", r.RequestURI)
	}
}

package gateway

import (
	"net/http"
	"slices"
	"strings"

	"github.com/postern-go/postern/headers"
)

// announce takes note of the names in the Trailer fields.
func (r *response) announce(lists []string) {
	r.fields.trailer = true
	x := r.extra()
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			name = http.CanonicalHeaderKey(strings.Trim(name, " \t"))
			if trailerAllowed(name) && !slices.Contains(x.trailers, name) {
				x.trailers = append(x.trailers, name)
			}
		}
	}
}

// appendTrailers writes the trailer section: the fields that were announced,
// and those whose keys have http.TrailerPrefix.
func (r *response) appendTrailers(b []byte) []byte {
	var announced []string
	if r.extras != nil {
		announced = r.extras.trailers
	}
	for _, key := range r.names(nil) {
		name, prefixed := strings.CutPrefix(key, http.TrailerPrefix)
		if !prefixed && !slices.Contains(announced, key) || !trailerAllowed(name) {
			continue
		}
		for _, value := range r.header[key] {
			b = r.appendField(b, name, value)
		}
	}
	return b
}

// trailerAllowed tells the fields that may come after the body: none that says
// how the message is read, or where it goes (RFC 9110, section 6.5.1). The list
// is that of net/http.
func trailerAllowed(name string) bool {
	name = http.CanonicalHeaderKey(name)
	switch name {
	case "Authorization", "Cache-Control", "Content-Encoding", "Content-Length", "Content-Range", "Content-Type",
		"Expect", "Host", "Max-Forwards", "Pragma", "Range", "Realm", "Www-Authenticate":
		return false
	}
	return name != "" && !strings.HasPrefix(name, "If-") && !headers.IsHopByHop(name)
}

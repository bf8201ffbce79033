package origin

import (
	"net/http"
	"strings"

	"github.com/postern-go/postern/env"
)

// frame decides how the end of the body is found (RFC 9112, section 6.3). Two
// ways to tell are one too many: what another server on the path could read
// differently is refused.
func frame(r *http.Request) *refusal {
	if codings, found := r.Header["Transfer-Encoding"]; found {
		return frameChunked(r, codings)
	}
	lengths := r.Header["Content-Length"]
	if len(lengths) == 0 {
		return nil
	}
	for _, other := range lengths[1:] {
		if other != lengths[0] {
			return malformed("two Content-Length fields, %q and %q", clip(lengths[0]), clip(other))
		}
	}
	n, err := env.ParseLength(lengths[0])
	if err != nil {
		return malformed("Content-Length %q is not a number of bytes", clip(lengths[0]))
	}
	r.Header["Content-Length"] = lengths[:1:1]
	r.ContentLength = n
	return nil
}

func frameChunked(r *http.Request, codings []string) *refusal {
	switch {
	case r.Header["Content-Length"] != nil:
		return malformed("Transfer-Encoding and Content-Length together")
	case !r.ProtoAtLeast(1, 1):
		return malformed("Transfer-Encoding in %s", r.Proto)
	}
	if err := checkCodings(codings); err != nil {
		return err
	}
	delete(r.Header, "Transfer-Encoding")
	r.TransferEncoding = []string{"chunked"}
	r.ContentLength = -1
	return announce(r)
}

// checkCodings accepts the one coding chunked.
func checkCodings(codings []string) *refusal {
	if len(codings) == 1 && equalFold(codings[0], "chunked") {
		return nil
	}
	for _, list := range codings {
		for coding := range strings.SplitSeq(list, ",") {
			switch coding = strings.Trim(coding, " \t"); {
			case coding == "":
				return malformed("Transfer-Encoding %q is malformed", clip(list))
			case !equalFold(coding, "chunked"):
				return refuse(http.StatusNotImplemented, "transfer coding %q is not supported", clip(coding))
			}
		}
	}
	return malformed("the chunked coding is applied twice")
}

// announce makes the keys of r.Trailer of the Trailer fields.
func announce(r *http.Request) *refusal {
	lists, found := r.Header["Trailer"]
	if !found {
		return nil
	}
	delete(r.Header, "Trailer")
	for _, list := range lists {
		for name := range strings.SplitSeq(list, ",") {
			name = http.CanonicalHeaderKey(strings.Trim(name, " \t"))
			switch {
			case name == "":
				continue
			case framing(name):
				return malformed("Trailer names %s", name)
			case r.Trailer == nil:
				r.Trailer = make(http.Header)
			}
			r.Trailer[name] = nil
		}
	}
	return nil
}

// framing tells the fields that a trailer section must not have, since they
// say where the message goes or ends (RFC 9110, section 6.5.1).
func framing(name string) bool {
	return name == "Transfer-Encoding" || name == "Content-Length" || name == "Trailer" || name == "Host"
}

// shouldClose reports whether the client wants no other request on the
// connection (RFC 9112, section 9.3).
func shouldClose(r *http.Request) bool {
	options := r.Header["Connection"]
	if hasToken(options, "close") {
		return true
	}
	return !r.ProtoAtLeast(1, 1) && !hasToken(options, "keep-alive")
}

func hasToken(lists []string, token string) bool {
	for _, list := range lists {
		for item := range strings.SplitSeq(list, ",") {
			if equalFold(strings.Trim(item, " \t"), token) {
				return true
			}
		}
	}
	return false
}

// equalFold compares with an ASCII text in any case. Letters of other scripts
// that fold to ASCII are longer, and differ by that.
func equalFold(s, ascii string) bool {
	return len(s) == len(ascii) && strings.EqualFold(s, ascii)
}

package env

import (
	"fmt"
	"net/http"
	"strconv"
)

// length sets ContentLength, TransferEncoding and the Content-Length field.
// The field is there when the client sent it: servers that always send
// CONTENT_LENGTH=0 do not make one up. A length that the server gives counts
// more than a transfer coding, which it has removed then.
func (b *RequestBuilder) length(r *http.Request) error {
	r.ContentLength = -1
	if b.transferEncoding != "" && !equalFold(b.transferEncoding, "chunked") {
		return fmt.Errorf("env: transfer coding %q is not supported", b.transferEncoding)
	}
	if s := b.contentLength; s != "" && s != "-1" {
		n, err := ParseLength(s)
		if err != nil {
			return err
		}
		r.ContentLength = n
		if n > 0 || b.declaredLength || bodyExpected(b.method) {
			b.add("Content-Length", s)
		}
		return nil
	}
	if b.transferEncoding != "" {
		r.TransferEncoding = []string{"chunked"}
	}
	return nil
}

// bodyExpected tells the methods whose clients send Content-Length: 0 with an
// empty body (RFC 9110, section 8.6).
func bodyExpected(method string) bool {
	return method == "POST" || method == "PUT" || method == "PATCH"
}

// ParseLength reads a length in bytes as a header or a variable gives it:
// digits only, no sign, no space, at most 2⁶³-1.
func ParseLength(s string) (int64, error) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("env: length %q is not a number of bytes", s)
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("env: length %q is not a number of bytes", s)
	}
	return n, nil
}

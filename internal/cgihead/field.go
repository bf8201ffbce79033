package cgihead

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern-go/postern/headers"
)

// fields takes the CGI fields out of the list (RFC 3875, section 6.3) and the rest into Header.
func (h *Response) fields(list headers.Headers) error {
	h.Header = list.HTTP()
	status, err := h.single("Status")
	if err != nil {
		return err
	}
	h.Header.Del("Status")
	location, err := h.single("Location")
	if err != nil {
		return err
	}
	if _, err := h.single("Content-Type"); err != nil {
		return err
	}
	framed := h.Status != 0
	if err := h.conclude(status, location); err != nil {
		return err
	}
	if err := h.framing(framed); err != nil {
		return err
	}
	h.dropHopByHop()
	return nil
}

// single returns the value of a field that can have one only. A value of no length is as if the field were not there
// (RFC 3875, section 6.3), and the same value twice is one.
func (h *Response) single(name string) (string, error) {
	values := h.Header[name]
	value := ""
	for _, v := range values {
		switch {
		case v == "" || v == value:
		case value == "":
			value = v
		default:
			return "", fmt.Errorf("%s given as %.80q and as %.80q", name, value, v)
		}
	}
	h.Header.Del(name)
	if value != "" {
		h.Header[name] = []string{value}
	}
	return value, nil
}

// conclude decides the status where the program left it open. A status line wins over a Status field.
func (h *Response) conclude(status, location string) error {
	switch {
	case h.Status != 0:
		return nil
	case status != "":
		return h.status(status)
	case location == "":
		h.Status = http.StatusOK
		return nil
	}
	h.Status = http.StatusFound
	if h.isLocal(location) {
		h.Local = location
	}
	return nil
}

// isLocal says whether this is a local redirect, which has no fields but Location. Content-Type and Content-Length come with it from
// programs that always send them, and are of no use to anybody.
func (h *Response) isLocal(location string) bool {
	if !strings.HasPrefix(location, "/") || strings.HasPrefix(location, "//") || strings.Contains(location, "#") {
		return false
	}
	for name := range h.Header {
		if name != "Location" && name != "Content-Type" && name != "Content-Length" && !headers.IsHopByHop(name) {
			return false
		}
	}
	return true
}

// framing reads what the program says about the end of its body. What comes after a status line is an HTTP message, which may be chunked:
// that is understood and taken off, and any other transfer coding is an error. In a CGI response the field means nothing and is
// dropped (RFC 3875, section 6.3.4).
func (h *Response) framing(isHTTP bool) error {
	length, err := h.single("Content-Length")
	if err != nil {
		return err
	}
	if coding, ok := h.Header["Transfer-Encoding"]; ok && isHTTP {
		if len(coding) != 1 || !strings.EqualFold(coding[0], "chunked") {
			return fmt.Errorf("transfer coding %.80q", coding)
		}
		h.chunked = true
		h.Header.Del("Content-Length")
		return nil
	}
	if length == "" {
		return nil
	}
	n, err := strconv.ParseUint(length, 10, 63)
	if err != nil {
		return fmt.Errorf("Content-Length %.80q", length)
	}
	h.Length = int64(n)
	return nil
}

// dropHopByHop deletes what speaks of a connection, which is not the client's (RFC 3875, section 6.3.4; RFC 9110, section 7.6.1).
func (h *Response) dropHopByHop() {
	for _, value := range h.Header["Connection"] {
		for name := range strings.SplitSeq(value, ",") {
			if name = strings.TrimSpace(name); !strings.EqualFold(name, "Content-Length") {
				h.Header.Del(name)
			}
		}
	}
	for name := range h.Header {
		if headers.IsHopByHop(name) {
			delete(h.Header, name)
		}
	}
}

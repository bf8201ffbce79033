package cgihead

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/postern-go/postern/headers"
)

// DefaultLimit is the size in bytes of the largest head that Parse takes when the caller does not care.
const DefaultLimit = 64 << 10

// ErrEmpty means that the program ended without a single byte of answer.
var ErrEmpty = errors.New("empty response")

// ErrTooLarge means that the head did not end within the limit.
var ErrTooLarge = errors.New("response head over the limit")

// A Response is the head of a CGI response.
type Response struct {
	Status int         // final: 200 to 999
	Reason string      // as the program gave it, "" when it gave none
	Header http.Header // what goes to the client: without Status and hop-by-hop fields
	Length int64       // of the body by Content-Length, -1 when the program does not say

	// Local is the path and query of a local redirect (RFC 3875, section 6.2.2): a Location without a Status whose value begins with
	// a single "/" and has no fragment. With other fields, which must not be there and would be lost, there is none. Status and
	// Header are those of a 302 in any case, for a caller that lets the client follow.
	Local string

	chunked bool // the body has chunked framing of its own
}

// Parse reads the head of a CGI response and leaves the body in r. Lines may end in CR LF or LF and be of any length, up to limit
// bytes for the whole head (0 or less: DefaultLimit). A status line (HTTP/1.x 404 Not Found) may come first, as NPH programs send it.
//
// Interim responses (1xx) before the final one are read and dropped. Errors: ErrEmpty, ErrTooLarge, one that says what is malformed,
// one that wraps io.ErrUnexpectedEOF when r ends in the head, and what r.Read returns. They have no package prefix: the caller
// puts its own.
func Parse(r *bufio.Reader, limit int) (*Response, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	for {
		block, err := readBlock(r, limit)
		if err != nil {
			return nil, err
		}
		limit -= len(block)
		h, err := parseBlock(block)
		if err != nil {
			return nil, err
		}
		if h.Status >= 200 {
			return h, nil
		}
		if h.Status == http.StatusSwitchingProtocols {
			return nil, errors.New("status 101: no protocol to switch to")
		}
	}
}

// readBlock reads up to and with the first empty line.
func readBlock(r *bufio.Reader, limit int) ([]byte, error) {
	var block []byte
	for start := 0; ; {
		part, err := r.ReadSlice('\n')
		if len(block)+len(part) > limit {
			return nil, ErrTooLarge
		}
		block = append(block, part...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(block) == 0:
			return nil, ErrEmpty
		case err == io.EOF:
			return nil, fmt.Errorf("response of %d bytes ends in its head: %w", len(block), io.ErrUnexpectedEOF)
		case err != nil:
			return nil, err
		}
		if line := block[start:]; len(line) == 1 || len(line) == 2 && line[0] == '\r' {
			return block, nil
		}
		start = len(block)
	}
}

func parseBlock(block []byte) (*Response, error) {
	h := &Response{Length: -1}
	if isStatusLine(block) {
		line, rest, _ := bytes.Cut(block, []byte("\n"))
		if err := h.statusLine(strings.TrimSuffix(string(line), "\r")); err != nil {
			return nil, err
		}
		block = rest
	}
	list, err := headers.Parse(block)
	if err != nil {
		return nil, fmt.Errorf("malformed response: %w", err)
	}
	return h, h.fields(list)
}

func isStatusLine(block []byte) bool { return bytes.HasPrefix(block, []byte("HTTP/")) }

// statusLine parses "HTTP/1.x 404 Not Found" (RFC 9112, section 4); the phrase may be missing.
func (h *Response) statusLine(line string) error {
	version, status, _ := strings.Cut(line, " ")
	if len(version) != len("HTTP/1.1") || version[:len("HTTP/1.")] != "HTTP/1." || version[7] < '0' || version[7] > '9' {
		return fmt.Errorf("status line %.80q", line)
	}
	return h.status(status)
}

// status parses "404 Not Found" (RFC 3875, section 6.3.3); the phrase may be missing.
func (h *Response) status(value string) error {
	code, reason, _ := strings.Cut(value, " ")
	if len(code) != 3 || code[0] < '1' || code[0] > '9' || !isDigit(code[1]) || !isDigit(code[2]) {
		return fmt.Errorf("status %.80q is not three digits from 100 to 999", value)
	}
	if !headers.ValidValue(reason) {
		return fmt.Errorf("control character in the status %.80q", value)
	}
	h.Status = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	h.Reason = strings.TrimSpace(reason)
	return nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

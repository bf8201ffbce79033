package record

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
)

// Sizes and the version of FastCGI 1.0, section 3.3.
const (
	Version    = 1     // the only version there is
	HeaderLen  = 8     // bytes of a record header
	MaxContent = 65535 // bytes of content that one record can hold
)

// Type is the type of a record (FastCGI 1.0, section 8).
type Type uint8

// The record types. Those from GetValues on are management records, whose request id is 0.
const (
	BeginRequest Type = iota + 1
	AbortRequest
	EndRequest
	Params
	Stdin
	Stdout
	Stderr
	Data
	GetValues
	GetValuesResult
	UnknownType
)

var typeNames = [...]string{
	BeginRequest: "FCGI_BEGIN_REQUEST", AbortRequest: "FCGI_ABORT_REQUEST", EndRequest: "FCGI_END_REQUEST", Params: "FCGI_PARAMS",
	Stdin: "FCGI_STDIN", Stdout: "FCGI_STDOUT", Stderr: "FCGI_STDERR", Data: "FCGI_DATA", GetValues: "FCGI_GET_VALUES",
	GetValuesResult: "FCGI_GET_VALUES_RESULT", UnknownType: "FCGI_UNKNOWN_TYPE",
}

// String returns the specification's name, or "FCGI type 99" for a type it does not have.
func (t Type) String() string {
	if t == 0 || int(t) >= len(typeNames) {
		return "FCGI type " + strconv.Itoa(int(t))
	}
	return typeNames[t]
}

// Header is the head of every record (FastCGI 1.0, section 3.3).
type Header struct {
	Version uint8
	Type    Type
	ID      uint16 // request id, 0 in management records
	Content uint16 // bytes of content that follow
	Padding uint8  // bytes of padding that follow the content
	// reserved, 1 byte
}

// AppendHeader appends the 8 bytes of h as they are: it does not check the version.
func AppendHeader(b []byte, h Header) []byte {
	return append(b, h.Version, byte(h.Type), byte(h.ID>>8), byte(h.ID), byte(h.Content>>8), byte(h.Content), h.Padding, 0)
}

// ParseHeader parses the first 8 bytes of b. Fewer bytes are an error that wraps io.ErrUnexpectedEOF;
// any other version than 1 is an error, since nothing is known of what follows.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderLen {
		return Header{}, fmt.Errorf("fastcgi: record header of %d bytes: %w", len(b), io.ErrUnexpectedEOF)
	}
	if b[0] != Version {
		return Header{}, fmt.Errorf("fastcgi: record of version %d, header %q", b[0], b[:HeaderLen])
	}
	return Header{
		Version: b[0],
		Type:    Type(b[1]),
		ID:      binary.BigEndian.Uint16(b[2:]),
		Content: binary.BigEndian.Uint16(b[4:]),
		Padding: b[6],
	}, nil
}

var zeros [8]byte

// Padding returns how many bytes bring n bytes of content to a multiple of 8: 0 to 7.
func Padding(n int) uint8 { return uint8(-n & 7) }

// AppendRecord appends one whole record: the header, content and zero bytes of padding up to a multiple of 8.
// An empty content ends a stream. More than MaxContent bytes panic: the caller splits streams.
func AppendRecord(b []byte, t Type, id uint16, content []byte) []byte {
	if len(content) > MaxContent {
		panic("record: content of " + strconv.Itoa(len(content)) + " bytes in one record")
	}
	pad := Padding(len(content))
	b = AppendHeader(b, Header{Version, t, id, uint16(len(content)), pad})
	b = append(b, content...)
	return append(b, zeros[:pad]...)
}

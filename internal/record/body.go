package record

import (
	"encoding/binary"
	"fmt"
	"strconv"
)

// bodyLen is the content length of the records with a fixed body: BeginRequest, EndRequest and UnknownType.
const bodyLen = 8

// Role is what a web server asks the application to be (FastCGI 1.0, section 6).
type Role uint16

// The roles.
const (
	Responder Role = iota + 1
	Authorizer
	Filter
)

// String returns the specification's name without FCGI_: "RESPONDER", "AUTHORIZER", "FILTER", or "role 9" for one it does not have.
func (r Role) String() string {
	switch r {
	case Responder:
		return "RESPONDER"
	case Authorizer:
		return "AUTHORIZER"
	case Filter:
		return "FILTER"
	}
	return "role " + strconv.Itoa(int(r))
}

// KeepConn is the flag of BeginRequest that leaves closing the connection to the web server. No other flag is defined.
const KeepConn = 1

// Begin is the content of a BeginRequest record (FastCGI 1.0, section 5.1).
type Begin struct {
	Role  Role
	Flags uint8
	// reserved, 5 bytes
}

// AppendBegin appends the 8 bytes of content, without a record header.
func AppendBegin(b []byte, v Begin) []byte {
	return append(b, byte(v.Role>>8), byte(v.Role), v.Flags, 0, 0, 0, 0, 0)
}

// ParseBegin parses the content of a BeginRequest record. Any other length than 8 is an error.
func ParseBegin(b []byte) (Begin, error) {
	if len(b) != bodyLen {
		return Begin{}, bodyError(BeginRequest, b)
	}
	return Begin{Role(binary.BigEndian.Uint16(b)), b[2]}, nil
}

// ProtocolStatus says how the protocol, as opposed to the application, ended a request (FastCGI 1.0, section 5.5).
type ProtocolStatus uint8

// The protocol statuses.
const (
	RequestComplete ProtocolStatus = iota
	CantMpxConn                    // the application does not multiplex, and the connection has a request
	Overloaded                     // the application is out of something
	UnknownRole
)

// String returns the specification's name, or "protocol status 9" for one it does not have.
func (s ProtocolStatus) String() string {
	switch s {
	case RequestComplete:
		return "FCGI_REQUEST_COMPLETE"
	case CantMpxConn:
		return "FCGI_CANT_MPX_CONN"
	case Overloaded:
		return "FCGI_OVERLOADED"
	case UnknownRole:
		return "FCGI_UNKNOWN_ROLE"
	}
	return "protocol status " + strconv.Itoa(int(s))
}

// End is the content of an EndRequest record (FastCGI 1.0, section 5.5).
type End struct {
	App    uint32 // appStatus: of a Responder, the exit status of the CGI program it stands for
	Status ProtocolStatus
	// reserved, 3 bytes
}

// AppendEnd appends the 8 bytes of content, without a record header.
func AppendEnd(b []byte, v End) []byte {
	b = binary.BigEndian.AppendUint32(b, v.App)
	return append(b, byte(v.Status), 0, 0, 0)
}

// ParseEnd parses the content of an EndRequest record. Any other length than 8 is an error.
func ParseEnd(b []byte) (End, error) {
	if len(b) != bodyLen {
		return End{}, bodyError(EndRequest, b)
	}
	return End{binary.BigEndian.Uint32(b), ProtocolStatus(b[4])}, nil
}

// AppendUnknownType appends the 8 bytes of content of an UnknownType record (FastCGI 1.0, section 4.2), without a record header.
func AppendUnknownType(b []byte, t Type) []byte {
	return append(b, byte(t), 0, 0, 0, 0, 0, 0, 0)
}

// ParseUnknownType parses the content of an UnknownType record: the type that the application does not know.
func ParseUnknownType(b []byte) (Type, error) {
	if len(b) != bodyLen {
		return 0, bodyError(UnknownType, b)
	}
	return Type(b[0]), nil
}

func bodyError(t Type, b []byte) error {
	return fmt.Errorf("fastcgi: %v of %d bytes, want %d", t, len(b), bodyLen)
}

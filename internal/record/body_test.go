package record

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestBegin(t *testing.T) {
	for _, row := range []struct {
		why  string
		wire string
		v    Begin
	}{
		{"a responder on a connection that closes", "\x00\x01\x00\x00\x00\x00\x00\x00", Begin{Responder, 0}},
		{"a responder on a kept connection", "\x00\x01\x01\x00\x00\x00\x00\x00", Begin{Responder, KeepConn}},
		{"an authorizer", "\x00\x02\x00\x00\x00\x00\x00\x00", Begin{Authorizer, 0}},
		{"a filter", "\x00\x03\x00\x00\x00\x00\x00\x00", Begin{Filter, 0}},
		{"a role and flags that nobody defined", "\x01\x02\xfe\x00\x00\x00\x00\x00", Begin{0x102, 0xfe}},
	} {
		require.Equal(t, row.wire, string(AppendBegin(nil, row.v)), row.why)
		v, err := ParseBegin([]byte(row.wire))
		require.NoError(t, err, row.why)
		require.Equal(t, row.v, v, row.why)
	}
}

func TestEnd(t *testing.T) {
	for _, row := range []struct {
		why  string
		wire string
		v    End
	}{
		{"all went well", "\x00\x00\x00\x00\x00\x00\x00\x00", End{0, RequestComplete}},
		{"the application's status is big-endian", "\x01\x02\x03\x04\x00\x00\x00\x00", End{0x1020304, RequestComplete}},
		{"a status of -1 in C", "\xff\xff\xff\xff\x00\x00\x00\x00", End{0xffffffff, RequestComplete}},
		{"no multiplexing", "\x00\x00\x00\x00\x01\x00\x00\x00", End{0, CantMpxConn}},
		{"out of something", "\x00\x00\x00\x00\x02\x00\x00\x00", End{0, Overloaded}},
		{"no such role", "\x00\x00\x00\x00\x03\x00\x00\x00", End{0, UnknownRole}},
	} {
		require.Equal(t, row.wire, string(AppendEnd(nil, row.v)), row.why)
		v, err := ParseEnd([]byte(row.wire))
		require.NoError(t, err, row.why)
		require.Equal(t, row.v, v, row.why)
	}
}

func TestUnknownType(t *testing.T) {
	wire := AppendUnknownType(nil, 77)
	require.Equal(t, "\x4d\x00\x00\x00\x00\x00\x00\x00", string(wire), "the type and seven reserved bytes")
	typ, err := ParseUnknownType(wire)
	require.NoError(t, err)
	require.Equal(t, Type(77), typ)
}

func TestReservedBytesOfBodiesAreIgnored(t *testing.T) {
	b, err := ParseBegin([]byte("\x00\x01\x01\xff\xff\xff\xff\xff"))
	require.NoError(t, err)
	require.Equal(t, Begin{Responder, KeepConn}, b)
	e, err := ParseEnd([]byte("\x00\x00\x00\x01\x00\xff\xff\xff"))
	require.NoError(t, err)
	require.Equal(t, End{1, RequestComplete}, e)
	u, err := ParseUnknownType([]byte("\x63\xff\xff\xff\xff\xff\xff\xff"))
	require.NoError(t, err)
	require.Equal(t, Type(99), u)
}

func TestBodiesOfAnotherLength(t *testing.T) {
	for _, n := range []int{0, 1, 7, 9, 16} {
		_, err := ParseBegin(make([]byte, n))
		require.ErrorContains(t, err, "fastcgi: FCGI_BEGIN_REQUEST of", "%d bytes are no begin", n)
		_, err = ParseEnd(make([]byte, n))
		require.ErrorContains(t, err, "fastcgi: FCGI_END_REQUEST of", "%d bytes are no end", n)
		_, err = ParseUnknownType(make([]byte, n))
		require.ErrorContains(t, err, "fastcgi: FCGI_UNKNOWN_TYPE of", "%d bytes are no unknown type", n)
	}
}

func TestNames(t *testing.T) {
	for want, v := range map[string]interface{ String() string }{
		"RESPONDER": Responder, "AUTHORIZER": Authorizer, "FILTER": Filter, "role 9": Role(9),
		"FCGI_REQUEST_COMPLETE": RequestComplete, "FCGI_CANT_MPX_CONN": CantMpxConn, "FCGI_OVERLOADED": Overloaded,
		"FCGI_UNKNOWN_ROLE": UnknownRole, "protocol status 9": ProtocolStatus(9),
	} {
		require.Equal(t, want, v.String(), "logs speak the specification's language")
	}
}

package record

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestHeader(t *testing.T) {
	for _, row := range []struct {
		why  string
		wire string
		h    Header
	}{
		{"the least record", "\x01\x05\x00\x01\x00\x00\x00\x00", Header{1, Stdin, 1, 0, 0}},
		{"every field at its largest", "\x01\xff\xff\xff\xff\xff\xff\x00", Header{1, 255, 65535, 65535, 255}},
		{"two-byte fields are big-endian", "\x01\x06\x01\x02\x03\x04\x05\x00", Header{1, Stdout, 0x102, 0x304, 5}},
		{"a management record has id 0", "\x01\x09\x00\x00\x00\x11\x07\x00", Header{1, GetValues, 0, 17, 7}},
	} {
		require.Equal(t, row.wire, string(AppendHeader(nil, row.h)), row.why)
		h, err := ParseHeader([]byte(row.wire + "more"))
		require.NoError(t, err, row.why)
		require.Equal(t, row.h, h, row.why)
	}
}

func TestHeaderReservedByteIsIgnored(t *testing.T) {
	h, err := ParseHeader([]byte("\x01\x05\x00\x01\x00\x02\x06\xff"))
	require.NoError(t, err)
	require.Equal(t, Header{1, Stdin, 1, 2, 6}, h)
}

func TestHeaderErrors(t *testing.T) {
	for n := range HeaderLen {
		_, err := ParseHeader(make([]byte, n))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "a header of %d bytes is cut short", n)
	}
	for _, version := range []byte{0, 2, 'G', 255} {
		_, err := ParseHeader([]byte{version, 5, 0, 1, 0, 0, 0, 0})
		require.ErrorContains(t, err, "fastcgi: record of version", "a version that is not 1 says nothing of what follows")
	}
}

func TestRecord(t *testing.T) {
	for _, row := range []struct {
		why     string
		content string
		wire    string
	}{
		{"an empty record ends a stream and needs no padding", "", "\x01\x06\x00\x07\x00\x00\x00\x00"},
		{"one byte takes seven of padding", "a", "\x01\x06\x00\x07\x00\x01\x07\x00a\x00\x00\x00\x00\x00\x00\x00"},
		{"seven bytes take one", "abcdefg", "\x01\x06\x00\x07\x00\x07\x01\x00abcdefg\x00"},
		{"eight bytes take none", "abcdefgh", "\x01\x06\x00\x07\x00\x08\x00\x00abcdefgh"},
	} {
		require.Equal(t, row.wire, string(AppendRecord(nil, Stdout, 7, []byte(row.content))), row.why)
	}
}

func TestRecordPaddingIsZeroInAUsedBuffer(t *testing.T) {
	dirty := bytes.Repeat([]byte{0xff}, 64)
	wire := AppendRecord(dirty[:0], Stdout, 1, []byte("abc"))
	require.Equal(t, "\x01\x06\x00\x01\x00\x03\x05\x00abc\x00\x00\x00\x00\x00", string(wire), "what the buffer held before does not leak")
}

func TestRecordOfMaxContent(t *testing.T) {
	wire := AppendRecord(nil, Stdin, 1, make([]byte, MaxContent))
	require.Len(t, wire, HeaderLen+MaxContent+1, "65535 bytes and one of padding")
	h, err := ParseHeader(wire)
	require.NoError(t, err)
	require.Equal(t, Header{1, Stdin, 1, MaxContent, 1}, h)
	require.Panics(t, func() { AppendRecord(nil, Stdin, 1, make([]byte, MaxContent+1)) }, "one byte more does not fit a record")
}

func TestTypeNames(t *testing.T) {
	require.Equal(t, "FCGI_BEGIN_REQUEST", BeginRequest.String(), "the first type")
	require.Equal(t, "FCGI_UNKNOWN_TYPE", UnknownType.String(), "the last type")
	require.Equal(t, "FCGI type 0", Type(0).String(), "not a type")
	require.Equal(t, "FCGI type 12", Type(12).String(), "not a type yet")
}

func FuzzHeader(f *testing.F) {
	f.Fuzz(func(t *testing.T, b []byte) {
		h, err := ParseHeader(b)
		if err != nil {
			return
		}
		want := bytes.Clone(b[:HeaderLen])
		want[7] = 0
		require.Equal(t, want, AppendHeader(nil, h), "a parsed header is written as it was, reserved byte apart")
	})
}

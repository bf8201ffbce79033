package fastcgi

import (
	"github.com/postern-go/postern/env"
	"github.com/postern-go/postern/internal/record"
)

// callID is the request id of a Transport: there is one request on a connection.
const callID = 1

// callMax is the largest content of a record that a Transport sends, in bytes. It is a multiple of 8, so that a full record needs no
// padding, and what php-fpm takes: it refuses 65529 bytes and more, padding included.
const callMax = 65528

// appendCall appends all of a request but its STDIN.
func appendCall(b []byte, vars *env.Vars) []byte {
	var begin [8]byte
	b = record.AppendRecord(b, record.BeginRequest, callID, record.AppendBegin(begin[:0], record.Begin{Role: record.Responder}))
	return appendCallParams(b, vars)
}

// appendCallParams appends the variables as an ended stream of PARAMS. A pair is split between records only when none can hold it,
// since there are workers that parse record by record.
func appendCallParams(b []byte, vars *env.Vars) []byte {
	var pairs []byte
	for name, value := range vars.All() {
		if len(pairs) > 0 && uint64(len(pairs))+record.PairLen(name, value) > callMax {
			b = record.AppendRecord(b, record.Params, callID, pairs)
			pairs = pairs[:0]
		}
		pairs = record.AppendPair(pairs, name, value)
		for len(pairs) > callMax {
			b = record.AppendRecord(b, record.Params, callID, pairs[:callMax])
			pairs = append(pairs[:0], pairs[callMax:]...)
		}
	}
	if len(pairs) > 0 {
		b = record.AppendRecord(b, record.Params, callID, pairs)
	}
	return record.AppendRecord(b, record.Params, callID, nil)
}

// appendCallStdin appends a part of STDIN, and the end of it.
func appendCallStdin(b, part []byte, last bool) []byte {
	if len(part) > 0 {
		b = record.AppendRecord(b, record.Stdin, callID, part)
	}
	if last {
		b = record.AppendRecord(b, record.Stdin, callID, nil)
	}
	return b
}

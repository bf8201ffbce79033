package headers

import (
	"maps"
	"net/http"
	"slices"
)

// FromHTTP returns the fields of an [http.Header]: sorted by name, the values
// of one name in their order. Names and values are taken as they are, invalid
// ones too; see [Headers.Check].
func FromHTTP(h http.Header) Headers {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	list := make(Headers, 0, n)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			list = append(list, Field{name, value})
		}
	}
	return list
}

// HTTP returns the list as an [http.Header] with canonical names. The values of
// one name keep their order, however the name is spelled in each field. The
// result is never nil.
func (h Headers) HTTP() http.Header {
	header := make(http.Header, len(h))
	for _, f := range h {
		header.Add(f.Name, f.Value)
	}
	return header
}

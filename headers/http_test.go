package headers_test

import (
	"net/http"
	"testing"

	"github.com/postern-go/postern/headers"
	"github.com/stretchr/testify/require"
)

func TestFromHTTP(t *testing.T) {
	for _, row := range []struct {
		why    string
		header http.Header
		want   headers.Headers
	}{
		{"nothing gives an empty list", nil, list{}},
		{"names are sorted", http.Header{"C": {"3"}, "A": {"1"}, "B": {"2"}}, list{{"A", "1"}, {"B", "2"}, {"C", "3"}}},
		{"values keep their order", http.Header{"A": {"z", "a", "z"}}, list{{"A", "z"}, {"A", "a"}, {"A", "z"}}},
		{"an empty value is a field", http.Header{"A": {""}}, list{{"A", ""}}},
		{"a name without values is none", http.Header{"Date": nil, "A": {"1"}}, list{{"A", "1"}}},
		{"a name keeps its spelling", http.Header{"x-raw": {"1"}}, list{{"x-raw", "1"}}},
		{"invalid fields are kept for Check", http.Header{"A": {"\n"}}, list{{"A", "\n"}}},
	} {
		t.Run(row.why, func(t *testing.T) { require.Equal(t, row.want, headers.FromHTTP(row.header)) })
	}
}

func TestHTTP(t *testing.T) {
	for _, row := range []struct {
		why  string
		list headers.Headers
		want http.Header
	}{
		{"nothing gives an empty map", nil, http.Header{}},
		{"names become canonical", list{{"content-TYPE", "a"}}, http.Header{"Content-Type": {"a"}}},
		{"values of one name come together in order", list{{"a", "1"}, {"B", "2"}, {"A", "3"}, {"a", ""}},
			http.Header{"A": {"1", "3", ""}, "B": {"2"}}},
	} {
		t.Run(row.why, func(t *testing.T) {
			got := row.list.HTTP()
			require.Equal(t, row.want, got)
			require.Equal(t, got, headers.FromHTTP(got).HTTP(), "and back")
		})
	}
}

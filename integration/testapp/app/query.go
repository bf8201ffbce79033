package app

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// values returns the decoded values of one name in the query. Unlike url.ParseQuery it drops nothing: a value may
// hold a semicolon, and one that does not decode is taken as it stands.
func values(r *http.Request, name string) []string {
	var found []string
	for pair := range strings.SplitSeq(r.URL.RawQuery, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if decoded(key) == name {
			found = append(found, decoded(value))
		}
	}
	return found
}

func decoded(s string) string {
	if d, err := url.QueryUnescape(s); err == nil {
		return d
	}
	return s
}

// value returns the first value of a name, or "".
func value(r *http.Request, name string) string {
	if all := values(r, name); len(all) > 0 {
		return all[0]
	}
	return ""
}

// number returns the value of a name as a number of at least 0, and fallback when the name is missing.
func number(r *http.Request, name string, fallback int64) (int64, error) {
	text := value(r, name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, fmt.Errorf("app: %s=%q is not a number of at least 0", name, text)
	}
	return n, nil
}

func badRequest(w http.ResponseWriter, err error) {
	http.Error(w, err.Error(), http.StatusBadRequest)
}

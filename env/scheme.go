package env

import "strings"

// GuessScheme returns "https" when the value of the variable HTTPS is "on",
// "1" or "yes" in any case, else "http" (wsgiref.util.guess_scheme).
func GuessScheme(https string) string {
	if strings.EqualFold(https, "on") || https == "1" || strings.EqualFold(https, "yes") {
		return "https"
	}
	return "http"
}

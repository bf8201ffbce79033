package env

// GuessScheme returns "https" when the value of the variable HTTPS is "on",
// "1" or "yes" in any case, else "http" (wsgiref.util.guess_scheme).
func GuessScheme(https string) string {
	if equalFold(https, "on") || https == "1" || equalFold(https, "yes") {
		return "https"
	}
	return "http"
}

// Scheme returns "https" when HTTPS says so, see [GuessScheme], or
// REQUEST_SCHEME is "https" in any case; else "http". The TLS field of
// [Vars.Request] is set by the same rule.
func (v *Vars) Scheme() string {
	if equalFold(v.Get("REQUEST_SCHEME"), "https") {
		return "https"
	}
	return GuessScheme(v.Get("HTTPS"))
}

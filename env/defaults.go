package env

// SetTestingDefaults adds what a request needs and the variables do not have
// (wsgiref.util.setup_testing_defaults): a GET of the root of 127.0.0.1 over
// HTTP/1.1, without a query. A variable that is there stays, even when it is
// empty; SERVER_PORT is that of the scheme, HTTP_HOST is SERVER_NAME.
// SCRIPT_NAME and PATH_INFO are set when neither is there.
//
// It is for tests: what it sets is made up.
func (v *Vars) SetTestingDefaults() {
	v.setDefault("SERVER_NAME", "127.0.0.1")
	v.setDefault("SERVER_PROTOCOL", "HTTP/1.1")
	v.setDefault("HTTP_HOST", bracketed(v.Get("SERVER_NAME")))
	v.setDefault("REQUEST_METHOD", "GET")
	if !v.has("SCRIPT_NAME") && !v.has("PATH_INFO") {
		v.Add("SCRIPT_NAME", "")
		v.Add("PATH_INFO", "/")
	}
	v.setDefault("QUERY_STRING", "")
	v.setDefault("SERVER_PORT", standardPort(v.Scheme()))
}

func (v *Vars) setDefault(name, value string) {
	if !v.has(name) {
		v.Add(name, value)
	}
}

func (v *Vars) has(name string) bool {
	return v.index(name) >= 0
}

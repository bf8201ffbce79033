package env

import "strings"

// Clean takes out what web servers pass on and no application must see as they
// do: HTTP_PROXY, which any client sets by a header field and programs take
// for their outgoing proxy (CVE-2016-5385 and its kind), and the address that
// Apache's mod_proxy puts before the file name in SCRIPT_FILENAME.
func (v *Vars) Clean() {
	proxy := false
	for i := range v.list {
		switch x := &v.list[i]; x.Name {
		case "HTTP_PROXY":
			proxy = true
		case "SCRIPT_FILENAME":
			x.Value = cutProxy(x.Value)
		}
	}
	if proxy {
		v.Del("HTTP_PROXY")
	}
}

// cutProxy returns the file name in proxy:fcgi://host:port/file, and in what
// balancers and SCGI make of it; any other name as it is. A rewrite rule leaves
// its query there, too.
func cutProxy(name string) string {
	rest, found := strings.CutPrefix(name, "proxy:")
	if !found {
		return name
	}
	scheme, rest, found := strings.Cut(rest, "://")
	if !found || scheme != "fcgi" && scheme != "balancer" && scheme != "scgi" {
		return name
	}
	_, file, found := strings.Cut(rest, "/")
	if !found {
		return ""
	}
	file, _, _ = strings.Cut(file, "?")
	return "/" + strings.TrimLeft(file, "/")
}

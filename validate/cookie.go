package validate

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-go/postern/headers"
)

// A cookie is a Set-Cookie value in parts.
type cookie struct {
	name, value, domain, path string
	secure                    bool
	sameSite                  string
	fault                     string // what is wrong, "" when nothing is
}

// checkCookie is about one Set-Cookie field. Its value is not shown.
func (x *exchange) checkCookie(line string) {
	c := parseCookie(line)
	if c.fault != "" {
		x.find("set-cookie-malformed", c.name, "The cookie %q: %s.", c.name, c.fault)
		return
	}
	if !octets(c.value) {
		x.find("set-cookie-octets", c.name, "The cookie is %q.", c.name)
	}
	if fault := c.prefixFault(); fault != "" {
		x.find("set-cookie-prefix", c.name, "The cookie %q %s.", c.name, fault)
	}
	if strings.EqualFold(c.sameSite, "none") && !c.secure {
		x.find("set-cookie-same-site", c.name, "The cookie is %q.", c.name)
	}
}

func parseCookie(line string) cookie {
	pair, rest, more := strings.Cut(line, ";")
	name, value, found := strings.Cut(pair, "=")
	c := cookie{name: strings.TrimSpace(name), value: strings.TrimSpace(value)}
	switch {
	case !found:
		c.name, c.fault = "", "there is no ="
	case !headers.ValidName(c.name):
		c.fault = "its name is not a token"
	case !cookieValue(c.value):
		c.fault = "its value has a byte that ends it"
	}
	for more && c.fault == "" {
		var attribute string
		attribute, rest, more = strings.Cut(rest, ";")
		c.attribute(strings.TrimSpace(attribute))
	}
	return c
}

// cookieValue lets pass what browsers take, in quotes or not.
func cookieValue(s string) bool {
	if inner, ok := strings.CutPrefix(s, `"`); ok {
		s, ok = strings.CutSuffix(inner, `"`)
		if !ok {
			return false
		}
	}
	return headers.ValidValue(s) && !strings.ContainsAny(s, `"\`)
}

// octets reports whether s is made of cookie-octets (RFC 6265, section 4.1.1).
func octets(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c == ',' || c >= 0x7f {
			return false
		}
	}
	return true
}

func (c *cookie) attribute(s string) {
	name, value, valued := strings.Cut(s, "=")
	switch strings.ToLower(name) {
	case "expires":
		if !cookieDate(value) {
			c.fault = "Expires is not a date"
		}
	case "max-age":
		if digits := strings.TrimPrefix(value, "-"); digits == "" || !decimal(digits) {
			c.fault = "Max-Age is not a number"
		}
	case "domain":
		c.domain = value
		if !serverName(value) {
			c.fault = "Domain is not a host"
		}
	case "path":
		c.path = value
		if !strings.HasPrefix(value, "/") {
			c.fault = "Path does not begin with a slash"
		}
	case "samesite":
		c.sameSite = value
		if !slices.Contains([]string{"strict", "lax", "none"}, strings.ToLower(value)) {
			c.fault = "SameSite is none of Strict, Lax and None"
		}
	case "secure":
		c.secure = true
		fallthrough
	case "httponly", "partitioned":
		if valued {
			c.fault = "an attribute has a value that takes none"
		}
	}
}

// cookieDate knows the dates of HTTP, and the one with hyphens that cookies had
// before and every browser reads.
func cookieDate(s string) bool {
	_, err := http.ParseTime(s)
	if err != nil {
		_, err = time.Parse("Mon, 02-Jan-2006 15:04:05 MST", s)
	}
	return err == nil
}

func (c *cookie) prefixFault() string {
	name := strings.ToLower(c.name)
	host := strings.HasPrefix(name, "__host-")
	switch {
	case !host && !strings.HasPrefix(name, "__secure-"):
	case !c.secure:
		return "has no Secure"
	case host && c.path != "/":
		return "has not Path=/"
	case host && c.domain != "":
		return "has a Domain"
	}
	return ""
}

// checkCookies is about all cookies of a response.
func (x *exchange) checkCookies(fields []headers.Field) {
	var set []cookie
	for _, f := range fields {
		if !sameName(f.Name, "Set-Cookie") {
			continue
		}
		c := parseCookie(f.Value)
		same := func(o cookie) bool { return o.name == c.name && o.domain == c.domain && o.path == c.path }
		if slices.ContainsFunc(set, same) {
			x.find("set-cookie-repeated", c.name, "The cookie is %q.", c.name)
		}
		set = append(set, c)
	}
}

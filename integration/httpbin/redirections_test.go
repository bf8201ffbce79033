package httpbin

import (
	"net/url"
	"strings"
)

// redirections are requests that lead to another one: by a location, by cookies, by what a cache keeps.
func redirections() []request {
	return []request{
		get("three redirects", "/redirect/3").with(follow(3)),
		get("three absolute redirects", "/absolute-redirect/3?a=1").with(follow(3)),
		get("three relative redirects", "/relative-redirect/3").with(follow(3)),
		get("an absolute redirect by its parameter", "/redirect/2?absolute=true").with(follow(2)),
		get("no redirect", "/redirect/0"),
		get("a number of redirects that is none", "/redirect/many"),
		get("another site", "/redirect-to?url=https%3A%2F%2Fexample.org%2F%3Fa%3D%2520"),
		get("another status", "/redirect-to?url=%2Fget&status_code=307").with(follow(1)),
		get("a permanent redirect", "/redirect-to?url=%2Fget%3Fa%3D1&status_code=301").with(follow(1)),
		get("a location that is not ASCII", "/redirect-to?url=https%3A%2F%2Fexample.org%2F%C3%A4"),
		get("a location that starts with two slashes", "/redirect-to?url=%2F%2Fexample.org%2F"),
		get("a location that the handler refuses", "/redirect-to?url=relative"),
		get("a location that does not parse", "/redirect-to?url=%3A%2F%2Fx"),
		get("no location", "/redirect-to"),
		get("a status that is no redirect", "/redirect-to?url=%2Fget&status_code=200"),
		send("a redirect of a body", "POST", "/redirect-to?url=%2Fget&status_code=303", "a=1", form()...).with(follow(1)),
		get("the first of some pages", "/links/3").with(follow(1)),
		get("pages that there are not", "/links/257"),
		get("a redirect by status", "/status/302").with(follow(2)),

		get("cookies of a client", "/cookies", "Cookie: a=1; b=2"),
		get("cookies in two fields", "/cookies", "Cookie: a=1", "Cookie: b=2"),
		get("a cookie that is set", "/cookies/set?a=1").with(follow(1)),
		get("a cookie with attributes", "/cookies/set?a=1&attr[Secure]=true&attr[Path]=/x&attr[SameSite]=strict&attr[HttpOnly]=0"),
		get("a cookie with quotes and spaces", "/cookies/set?a=%22one+two%22"),
		get("a cookie that is deleted", "/cookies/delete?a").with(follow(1)),

		get("what a cache has", "/cache", "If-None-Match: abc"),
		get("what a cache had in the past", "/cache", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"),
		get("a page for a cache", "/cache/30"),
		get("a time for a cache that is none", "/cache/long"),
		get("an entity that is the same", "/etag/abc", `If-None-Match: "abc"`),
		get("an entity that is one of these", "/etag/abc", `If-None-Match: W/"x", "abc"`),
		get("an entity that is another", "/etag/abc", `If-None-Match: "x"`),
		get("an entity that has to be the same", "/etag/abc", `If-Match: "x"`),
		get("an entity that is the same as wanted", "/etag/abc", `If-Match: "abc"`),
		{why: "the head of an entity that is the same", method: "HEAD", target: "/etag/abc", fields: []string{`If-None-Match: "abc"`}},
		get("a part of an entity", "/etag/abc", "Range: bytes=2-9", `If-Range: "abc"`),
		get("a part of an entity that is another", "/etag/abc", "Range: bytes=2-9", `If-Range: "x"`),
	}
}

// follow goes where the answer leads, n times, with the cookies that it sets.
func follow(n int) func(*request) {
	return func(r *request) {
		r.then = func(a answer) request {
			next := get("what "+r.why+" leads to", local(a.Header.Get("Location")))
			for _, cookie := range a.Header["Set-Cookie"] {
				pair, _, _ := strings.Cut(cookie, ";")
				next.fields = append(next.fields, "Cookie: "+pair)
			}
			if n > 1 {
				next = next.with(follow(n - 1))
			}
			return next
		}
	}
}

// local is a location without its scheme and host.
func local(location string) string {
	u, err := url.Parse(location)
	if err != nil {
		return location
	}
	return u.RequestURI()
}

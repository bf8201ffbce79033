package httpbin

import (
	"net/http"
	"strings"
	"testing/fstest"
	"time"

	"golang.org/x/net/webdav"
)

// A subject is an application of others that runs under the checker.
type subject struct {
	name     string
	handler  func(dir string) http.Handler
	requests func() []request
}

func subjects() []subject {
	return []subject{
		{"go-httpbin", func(string) http.Handler { return handler() }, requests},
		{"webdav", newWebDAV, properties},
		{"http.FileServerFS", newFileServer, files},
	}
}

func newWebDAV(dir string) http.Handler {
	return &webdav.Handler{FileSystem: webdav.Dir(dir), LockSystem: webdav.NewMemLS()}
}

func newFileServer(string) http.Handler {
	changed := time.Date(2001, 9, 9, 1, 46, 40, 0, time.UTC)
	return http.FileServerFS(fstest.MapFS{
		"a.txt":           {Data: []byte("hello\n"), ModTime: changed},
		"large.bin":       {Data: []byte(filler(300_000)), ModTime: changed},
		"empty":           {ModTime: changed},
		"space and %.js":  {Data: []byte("1"), ModTime: changed},
		"dir/b.html":      {Data: []byte("<p>b"), ModTime: changed},
		"dir/c.svg":       {Data: []byte("<svg/>"), ModTime: changed},
		"page/index.html": {Data: []byte("<p>index"), ModTime: changed},
	})
}

// files are requests for what is in the file server.
func files() []request {
	const changed = "Sun, 09 Sep 2001 01:46:40 GMT"
	post := send("a body for a file", "POST", "/a.txt", "a=1", form()...)
	return []request{
		get("a file", "/a.txt"),
		{why: "its head", method: "HEAD", target: "/a.txt"},
		{why: "an old client", method: "GET", target: "/a.txt", proto: "HTTP/1.0"},
		get("a file not changed", "/a.txt", "If-Modified-Since: "+changed),
		get("a file changed since", "/a.txt", "If-Unmodified-Since: Sun, 09 Sep 2001 01:46:39 GMT"),
		get("a range", "/a.txt", "Range: bytes=1-2"),
		get("ranges", "/large.bin", "Range: bytes=0-9,-10"),
		get("a range that is not there", "/a.txt", "Range: bytes=10-"),
		get("a range of an old version", "/a.txt", "Range: bytes=1-2", "If-Range: Sun, 09 Sep 2001 01:46:39 GMT"),
		get("a large file", "/large.bin"),
		get("an empty file", "/empty"),
		get("a name with escapes", "/space%20and%20%25.js"),
		get("a directory", "/dir/"),
		{why: "the head of a directory", method: "HEAD", target: "/dir/"},
		get("a directory without its slash", "/dir"),
		get("a file with a slash", "/a.txt/"),
		get("the page of a directory", "/page/"),
		get("the page by its name", "/page/index.html"),
		get("a query", "/a.txt?b=c"),
		get("no file", "/none"),
		get("a way out", "/../go.mod"),
		get("a name that cannot be", "/a%00b"),
		post,
		{why: "a method that files do not have", method: "DELETE", target: "/a.txt"},
	}
}

// properties are requests of WebDAV clients (RFC 4918), in an order that makes sense.
func properties() []request {
	const xml = "Content-Type: application/xml; charset=utf-8"
	const head = `<?xml version="1.0" encoding="utf-8"?>`
	find := head + `<propfind xmlns="DAV:"><prop><getcontentlength/><getetag/><lockdiscovery/></prop></propfind>`
	patch := head + `<propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:x">1</x></prop></set></propertyupdate>`
	lock := head + `<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype><owner>me</owner></lockinfo>`
	ask := func(why, method, target string, fields ...string) request {
		return request{why: why, method: method, target: target, fields: fields}
	}
	return []request{
		ask("what a server can", "OPTIONS", "/"),
		ask("a collection", "MKCOL", "/c"),
		ask("a collection again", "MKCOL", "/c"),
		ask("a collection in none", "MKCOL", "/none/c"),
		send("a collection with a body", "MKCOL", "/d", "<x/>", xml),
		send("a file", "PUT", "/c/a.txt", "hello", "Content-Type: text/plain"),
		send("a file again", "PUT", "/c/a.txt", "hello again", "Content-Type: text/plain"),
		send("a file in chunks", "PUT", "/c/b", filler(100_000)).with(chunked),
		send("an empty file", "PUT", "/c/empty", "", "Content-Length: 0"),
		send("a file in no collection", "PUT", "/none/a.txt", "hello", "Content-Type: text/plain"),
		ask("what a file can", "OPTIONS", "/c/a.txt"),
		ask("what can be where nothing is", "OPTIONS", "/c/none"),
		get("a file", "/c/a.txt"),
		ask("its head", "HEAD", "/c/a.txt"),
		get("a part", "/c/a.txt", "Range: bytes=0-3"),
		get("a file that is there", "/c/a.txt", "If-Modified-Since: Fri, 31 Dec 2100 23:59:59 GMT"),
		get("a collection", "/c/"),
		get("nothing", "/c/none"),
		send("a form for a file", "POST", "/c/a.txt", "a=1", form()...),
		ask("all properties of a file", "PROPFIND", "/c/a.txt", "Depth: 0"),
		send("properties below", "PROPFIND", "/", find, xml, "Depth: 1"),
		send("properties of all", "PROPFIND", "/", find, xml, "Depth: infinity"),
		send("properties at no depth", "PROPFIND", "/", find, xml, "Depth: 2"),
		send("properties of nothing", "PROPFIND", "/none", find, xml, "Depth: 0"),
		send("broken properties", "PROPFIND", "/", find[:60], xml, "Depth: 0"),
		send("a property", "PROPPATCH", "/c/a.txt", patch, xml),
		send("a broken property", "PROPPATCH", "/c/a.txt", patch[:60], xml),
		ask("a copy", "COPY", "/c/a.txt", "Destination: http://httpbin.example/c/copy.txt"),
		ask("a copy over another", "COPY", "/c/a.txt", "Destination: http://httpbin.example/c/copy.txt", "Overwrite: T"),
		ask("a copy not over another", "COPY", "/c/a.txt", "Destination: http://httpbin.example/c/copy.txt", "Overwrite: F"),
		ask("a copy to another server", "COPY", "/c/a.txt", "Destination: http://other.example/c"),
		ask("a copy to nowhere", "COPY", "/c/a.txt"),
		ask("a move", "MOVE", "/c/copy.txt", "Destination: http://httpbin.example/c/moved.txt"),
		send("a lock", "LOCK", "/c/a.txt", lock, xml, "Timeout: Second-60").with(unlocked),
		send("a lock on what is not there", "LOCK", "/c/new", lock, xml, "Timeout: Second-60").with(unlocked),
		send("a broken lock", "LOCK", "/c/a.txt", lock[:60], xml),
		ask("a lock that is none", "UNLOCK", "/c/a.txt", "Lock-Token: <urn:none>"),
		ask("a condition that does not hold", "DELETE", "/c/moved.txt", "If: (<urn:none>)"),
		ask("a file less", "DELETE", "/c/moved.txt"),
		ask("nothing less", "DELETE", "/c/none"),
		ask("a collection less", "DELETE", "/c"),
		ask("a method that there is not", "REPORT", "/"),
	}
}

// unlocked lets the lock be given back; it is unknown by then where every request has a process of its own.
func unlocked(r *request) {
	target := r.target
	r.then = func(a answer) request {
		return request{why: "the lock is given back", method: "UNLOCK", target: target, fields: []string{
			"Lock-Token: " + strings.Join(a.Header["Lock-Token"], ""),
		}}
	}
}

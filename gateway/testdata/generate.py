"""Records what CPython's wsgiref.handlers writes for simple applications.

    python3 generate.py > exchanges.json

Each exchange has the variables of a request, its body, and an application,
described so that a test can build the same one in Go: the calls of
start_response, the blocks of the body and how they are given out, and where an
exception is raised. "cgi" is the output of BaseCGIHandler, "origin" that of
SimpleHandler. The time is always the same. Characters stand for the bytes of
ISO 8859-1. The tests read exchanges.json only.
"""

import io
import json
import platform
from wsgiref import handlers

PLAIN = [["Content-Type", "text/plain"]]
SOFTWARE = "recorder"

handlers.time.time = lambda: 784111777
handlers.BaseHandler.os_environ = {}
handlers.BaseHandler.server_software = SOFTWARE


def application(spec):
    """An app that does what spec says: "list", "iterator" or "write" blocks."""

    def blocks(environ):
        if spec["echo"]:
            yield environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        for n, block in enumerate(spec["blocks"]):
            if spec["raises"] == n + 1:
                raise RuntimeError("probe")
            yield block.encode("iso-8859-1")
        if spec["raises"] == len(spec["blocks"]) + 1:
            raise RuntimeError("probe")

    def app(environ, start_response):
        if spec["raises"] == 0:
            raise RuntimeError("probe")
        write = None
        for status in spec["status"]:
            write = start_response(status, [tuple(f) for f in spec["headers"]])
        if spec["form"] == "iterator":
            return blocks(environ)
        if spec["form"] == "list":
            return list(blocks(environ))
        for block in blocks(environ):
            write(block)
        return []

    return app


def run(handler, environ, body, spec):
    stdout = io.BytesIO()
    h = handler(io.BytesIO(body), stdout, io.StringIO(), dict(environ))
    h.run(application(spec))
    return stdout.getvalue().decode("iso-8859-1")


def exchange(why, blocks=(), *, status="200 OK", headers=PLAIN, form="list", raises=None, echo=False,
             body="", flush=False, twice=False, **variables):
    environ = {"REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/", "SERVER_NAME": "localhost",
               "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.0", **variables}
    if body:
        environ["CONTENT_LENGTH"] = str(len(body))
    spec = {"status": [status] * (2 if twice else 1) if status else [], "headers": headers, "blocks": list(blocks),
            "form": form, "raises": raises, "echo": echo}
    wire = body.encode("iso-8859-1")
    return {"why": why, "environ": environ, "body": body, "app": {**spec, "flush": flush},
            "cgi": run(handlers.BaseCGIHandler, environ, wire, spec),
            "origin": run(handlers.SimpleHandler, environ, wire, spec)}


def bodies():
    yield exchange("one block", ["hello"])
    yield exchange("no block", [])
    yield exchange("one empty block", [""])
    yield exchange("bytes of every kind", [bytes(range(256)).decode("iso-8859-1")])
    yield exchange("several blocks, each sent", ["one", "two", "three"], flush=True)
    yield exchange("several blocks", ["one", "two", "three"])
    yield exchange("an iterator of one block, sent", ["hello"], form="iterator", flush=True)
    yield exchange("an iterator of one block", ["hello"], form="iterator")
    yield exchange("an iterator without a block", form="iterator")
    yield exchange("blocks by write, each sent", ["one", "two"], form="write", flush=True)
    yield exchange("blocks by write", ["one", "two"], form="write")
    yield exchange("blocks of declared length", ["one", "two"], headers=PLAIN + [["Content-Length", "6"]])
    yield exchange("a large block", ["x" * 3000])
    yield exchange("a large block of declared length", ["x" * 3000], headers=PLAIN + [["Content-Length", "3000"]])
    yield exchange("the body of the request", echo=True, body="name=value", REQUEST_METHOD="POST",
                   CONTENT_TYPE="application/x-www-form-urlencoded")
    yield exchange("no body to a request that had one", body="unread", REQUEST_METHOD="POST", CONTENT_TYPE="a/b")


def statuses():
    yield exchange("404", ["gone fishing"], status="404 Not Found")
    yield exchange("201", ["made"], status="201 Created")
    yield exchange("205", status="205 Reset Content")
    yield exchange("503", ["later"], status="503 Service Unavailable")
    yield exchange("511", ["sign in"], status="511 Network Authentication Required")
    yield exchange("a phrase of its own", ["hello"], status="200 Fine")
    yield exchange("a status without a phrase", ["hello"], status="299 ")
    yield exchange("a status that is none", ["hello"], status="20 OK")
    yield exchange("101", status="101 Switching Protocols", headers=[["X-A", "1"]])
    yield exchange("204", status="204 No Content", headers=[["X-A", "1"]])
    yield exchange("204 with a body", ["hello"], status="204 No Content", headers=[["X-A", "1"]])
    yield exchange("304", status="304 Not Modified", headers=[["X-A", "1"]])
    yield exchange("304 with a body", ["hello"], status="304 Not Modified", headers=[["X-A", "1"]])
    yield exchange("HEAD", REQUEST_METHOD="HEAD", headers=PLAIN + [["Content-Length", "5"]])
    yield exchange("HEAD with a body", ["hello"], REQUEST_METHOD="HEAD")
    yield exchange("HEAD of a declared length with a body", ["hello"], REQUEST_METHOD="HEAD",
                   headers=PLAIN + [["Content-Length", "5"]])
    yield exchange("start_response never called", ["hello"], status=None)
    yield exchange("start_response called twice", ["hello"], twice=True)


def fields():
    yield exchange("several fields", ["hello"], headers=PLAIN + [["Vary", "Accept"], ["X-A", "1"]])
    yield exchange("fields in another order", ["hello"], headers=[["X-B", "2"], ["X-A", "1"]] + PLAIN)
    yield exchange("a name with capitals of its own", ["hello"], headers=PLAIN + [["ETag", '"a"']])
    yield exchange("names in small letters", ["hello"], headers=[["content-type", "text/plain"], ["x-a", "1"]])
    yield exchange("one name twice", ["hello"], headers=PLAIN + [["Set-Cookie", "b=2"], ["Set-Cookie", "a=1"]])
    yield exchange("an empty value", ["hello"], headers=PLAIN + [["X-A", ""]])
    yield exchange("a value of ISO 8859-1", ["hello"], headers=PLAIN + [["X-A", "caf\xe9"]])
    yield exchange("a redirect", status="302 Found", headers=[["Location", "http://example.com/"]] + PLAIN)
    yield exchange("a redirect within the server", headers=[["Location", "/other"]], status="303 See Other")
    yield exchange("no type", ["<!DOCTYPE html>"], headers=[])
    yield exchange("no type and no body", headers=[])
    yield exchange("Date from the application", ["hello"], headers=PLAIN + [["Date", "Sun, 06 Nov 1994 08:49:37 GMT"]])
    yield exchange("Server from the application", ["hello"], headers=PLAIN + [["Server", "mine"]])
    yield exchange("Status from the application", ["hello"], headers=PLAIN + [["Status", "404 Not Found"]])
    yield exchange("CR LF in a value", ["hello"], headers=PLAIN + [["X-A", "1\r\nX-Evil: 2"]])
    yield exchange("NUL in a value", ["hello"], headers=PLAIN + [["X-A", "1\x002"]])
    yield exchange("a hop-by-hop field", ["hello"], headers=PLAIN + [["Keep-Alive", "timeout=5"]])
    yield exchange("Connection: close", ["hello"], headers=PLAIN + [["Connection", "close"]])
    yield exchange("a length that is too long", ["hello"], headers=PLAIN + [["Content-Length", "9"]])
    yield exchange("a length that is too short", ["he", "llo"], headers=PLAIN + [["Content-Length", "2"]])
    yield exchange("a length that is none", ["hello"], headers=PLAIN + [["Content-Length", "five"]])


def errors():
    yield exchange("an exception before start_response", raises=0)
    yield exchange("an exception before the first block", ["hello"], form="iterator", raises=1)
    yield exchange("an exception in place of a block by write", ["hello"], form="write", raises=1)
    yield exchange("an exception after a block, sent", ["hello"], form="iterator", raises=2, flush=True)
    yield exchange("an exception after a block", ["hello"], form="iterator", raises=2)
    yield exchange("an exception for HEAD", raises=0, REQUEST_METHOD="HEAD")


def versions():
    modern = {"SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost"}
    yield exchange("HTTP/1.1", ["hello"], **modern)
    yield exchange("HTTP/1.1 without a body", **modern)
    yield exchange("HTTP/1.1 with blocks, each sent", ["one", "two"], flush=True, **modern)
    yield exchange("HTTP/1.1 with an exception", raises=0, **modern)
    yield exchange("HTTP/0.9", ["hello"], SERVER_PROTOCOL="HTTP/0.9")


everything = [e for part in (bodies, statuses, fields, errors, versions) for e in part()]
print('{\n"python": %s,\n"software": %s,\n"exchanges": [\n%s\n]\n}' % (
    json.dumps(platform.python_version()), json.dumps(SOFTWARE), ",\n".join(json.dumps(e) for e in everything)))

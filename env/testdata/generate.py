"""Records what CPython's wsgiref.util makes of CGI variables.

    python3 generate.py > vectors.json

There are three lists: URIs rebuilt from variables, names shifted off PATH_INFO
until none is left, and testing defaults added to variables. Characters stand
for the bytes of ISO 8859-1. The scheme is the one that guess_scheme finds. The
tests read vectors.json only.
"""

import json
import platform
import random
from wsgiref import util

SERVER = {"SERVER_NAME": "example.com", "SERVER_PORT": "80"}


def attempt(f, *args):
    try:
        return f(*args)
    except (KeyError, IndexError) as e:
        return {"error": type(e).__name__ + ": " + e.args[0]}


def uri(why, **variables):
    environ = {**variables, "wsgi.url_scheme": util.guess_scheme(variables)}
    return {"why": why, "environ": variables,
            "request": attempt(util.request_uri, environ),
            "without_query": attempt(util.request_uri, environ, False),
            "application": attempt(util.application_uri, environ)}


def path(why, script, info, query=None):
    variables = dict(SERVER)
    for name, value in (("SCRIPT_NAME", script), ("PATH_INFO", info), ("QUERY_STRING", query)):
        if value is not None:
            variables[name] = value
    return uri(why, **variables)


def schemes():
    for value in ("on", "1", "yes", "", "0", "off", "no", "true", "2", "https", " on", "on,on",
                  "ON", "On", "YES", "Yes"):
        yield uri("HTTPS is %r" % value, HTTPS=value, HTTP_HOST="example.com")
    yield uri("REQUEST_SCHEME is https", REQUEST_SCHEME="https", HTTP_HOST="example.com")
    yield uri("REQUEST_SCHEME is http", REQUEST_SCHEME="http", HTTP_HOST="example.com")


def hosts():
    yield uri("the host comes from the client", HTTP_HOST="client.example", **SERVER)
    yield uri("its port comes with it", HTTP_HOST="client.example:8080", **SERVER)
    yield uri("its standard port stays", HTTP_HOST="client.example:80")
    yield uri("its spelling stays", HTTP_HOST="Client.EXAMPLE")
    yield uri("its final dot stays", HTTP_HOST="client.example.")
    yield uri("an empty port of the client stays", HTTP_HOST="client.example:")
    yield uri("an empty host of the client does not count", HTTP_HOST="", **SERVER)
    yield uri("a host of the client is enough", HTTP_HOST="client.example")
    yield uri("an address of the client", HTTP_HOST="192.0.2.1:81")
    yield uri("an IPv6 address of the client in brackets", HTTP_HOST="[2001:db8::1]:81")
    yield uri("an IPv6 address of the client without brackets", HTTP_HOST="2001:db8::1")
    yield uri("bytes outside ASCII in the host of the client", HTTP_HOST="caf\xe9.example")
    yield uri("a space in the host of the client", HTTP_HOST="a b")
    yield uri("a line break in the host of the client", HTTP_HOST="a\r\nb")
    yield uri("NUL and DEL in the host of the client", HTTP_HOST="a\0b\x7f")
    yield uri("the server's name without the client's", **SERVER)
    yield uri("the server's address", SERVER_NAME="192.0.2.1", SERVER_PORT="80")
    yield uri("the server's port 8080", SERVER_NAME="example.com", SERVER_PORT="8080")
    yield uri("the server's port 443 without TLS", SERVER_NAME="example.com", SERVER_PORT="443")
    yield uri("the server's port 443 with TLS", SERVER_NAME="example.com", SERVER_PORT="443", HTTPS="on")
    yield uri("the server's port 80 with TLS", SERVER_NAME="example.com", SERVER_PORT="80", HTTPS="on")
    yield uri("the server's port 8443 with TLS", SERVER_NAME="example.com", SERVER_PORT="8443", HTTPS="on")
    yield uri("a port with a leading zero is another one", SERVER_NAME="example.com", SERVER_PORT="080")
    yield uri("an IPv6 server in brackets", SERVER_NAME="[2001:db8::1]", SERVER_PORT="8080")
    yield uri("an IPv6 server in brackets on the standard port", SERVER_NAME="[::1]", SERVER_PORT="80")
    yield uri("an IPv6 server without brackets", SERVER_NAME="2001:db8::1", SERVER_PORT="8080")
    yield uri("an IPv6 server without brackets on the standard port", SERVER_NAME="::1", SERVER_PORT="80")
    yield uri("an IPv6 server with a zone", SERVER_NAME="fe80::1%eth0", SERVER_PORT="80")
    yield uri("a server name that has a port", SERVER_NAME="example.com:8080", SERVER_PORT="8080")
    yield uri("a line break in the server's name", SERVER_NAME="a\nb", SERVER_PORT="80")
    yield uri("a line break in the server's port", SERVER_NAME="a", SERVER_PORT="8\r\n1")
    yield uri("nothing at all")
    yield uri("a server without a port", SERVER_NAME="example.com")
    yield uri("a port without a server", SERVER_PORT="80")
    yield uri("a server with an empty name", SERVER_NAME="", SERVER_PORT="80")
    yield uri("a server with an empty port", SERVER_NAME="example.com", SERVER_PORT="")
    yield uri("the rest does not make up for the host", SCRIPT_NAME="/a", PATH_INFO="/b", QUERY_STRING="c")


def splits():
    for script in (None, "", "/", "/app", "/app/", "/a/b", "/a//b", "//app", "/a/../b", "/a/./b"):
        for info in (None, "", "/", "/x", "//", "//x", "/x/"):
            yield path("SCRIPT_NAME %r and PATH_INFO %r" % (script, info), script, info, "q")
    yield path("PATH_INFO without a slash after SCRIPT_NAME", "/app", "x")
    yield path("PATH_INFO without a slash", "", "x")
    yield path("PATH_INFO that begins with an escaped byte and no slash", "", " x")
    yield path("PATH_INFO is an asterisk", None, "*")
    yield path("SCRIPT_NAME without a slash", "app", "/x")
    yield path("SCRIPT_NAME that would be part of the host", ".evil.example", "/x")
    yield path("PATH_INFO with dots", "/app", "/./a/../b/.")


def quoting():
    bytes_ = [chr(i) for i in range(256)]
    for low in range(0, 256, 32):
        group = "".join(bytes_[low:low + 32]).replace("/", "")
        yield path("bytes 0x%02x to 0x%02x in both paths" % (low, low + 31), "/s" + group, "/p" + group)
    yield path("safe in PATH_INFO only", "/a;b=c,d", "/a;b=c,d")
    yield path("a percent sign is escaped", "/100%", "/%2F")
    yield path("a question mark is escaped", "/a?b", "/c?d", "e?f")
    yield path("a number sign is escaped in paths only", "/a#b", "/c#d", "e#f")
    yield path("UTF-8 goes byte by byte", "/caf\xc3\xa9", "/\xe2\x82\xac")
    yield path("ISO 8859-1 goes byte by byte", "/caf\xe9", "/\xff")
    yield path("a line break in a path", "/a\r\nb", "/c\nd")
    yield path("NUL in a path", "/\0", "/\0")


def queries():
    for query in (None, "", "a=1&b=2", "?", "a b", "%20%zz", "caf\xe9", "\xc3\xa9", "a=<\">", "[]{}|\\^`"):
        yield path("QUERY_STRING %r" % query, "/app", "/x", query)
    yield path("a query without PATH_INFO", "/app", None, "a")
    yield path("a query of the root", None, None, "a")
    yield path("a line break in the query", "/app", "/x", "a\r\nb")
    yield path("NUL, tab and DEL in the query", "/app", "/x", "\0\t\x7f")


def drawn_uris(count):
    r = random.Random(1)
    pieces = ["/", "/", "a", "B", "9", ".", "..", " ", ";", "=", ",", "%41", "\xe9", "~", "+", "&", ":", "@", "!"]
    for i in range(count):
        def text():
            return "/" + "".join(r.choice(pieces) for _ in range(r.randrange(8)))
        variables = {"SERVER_NAME": "example.com", "SERVER_PORT": r.choice(["80", "443", "81"]),
                     "HTTPS": r.choice(["", "on"]), "SCRIPT_NAME": r.choice(["", text()]),
                     "PATH_INFO": r.choice(["", text()]), "QUERY_STRING": r.choice(["", text()])}
        if r.randrange(2):
            variables["HTTP_HOST"] = "client.example:81"
        yield uri("URI drawn at random, number %d" % (i + 1), **variables)


def shift(why, script, info):
    environ = {}
    if script is not None:
        environ["SCRIPT_NAME"] = script
    if info is not None:
        environ["PATH_INFO"] = info
    row = {"why": why, "script": script or "", "path": info or "", "steps": []}
    for _ in range(20):
        name = attempt(util.shift_path_info, environ)
        row["steps"].append({"name": name, "script": environ.get("SCRIPT_NAME", ""),
                             "path": environ.get("PATH_INFO", "")})
        if name is None or isinstance(name, dict):
            break
    return row


def shifts():
    yield shift("no variable at all", None, None)
    yield shift("no PATH_INFO", "/app", None)
    yield shift("no SCRIPT_NAME", None, "/a/b")
    for info in ("", "/", "//", "///", "/a", "/a/", "/a//", "//a", "/a/b", "/a//b", "/a/b/", "/a/b/c/d",
                 "/.", "/./", "/./.", "/././", "/a/.", "/a/./", "/a/./b", "/./a", "//.", "/.//", "/a/.//./b/.",
                 "/..", "/../", "/a/..", "/a/../b", "/../..", "/...", "/.a", "/a.", "/..a", "/ ", "/a b/c",
                 "/%2F", "/a%2Fb/c", "/caf\xe9/\xc3\xa9", "/a;b=c/d", "/\0/a", "/a\r\n/b", "/*", "/\\a/b",
                 "a", "a/b", "a/b/c", "a/", ".", "./a", "..", "*"):
        yield shift("PATH_INFO %r" % info, "", info)
        yield shift("PATH_INFO %r after /app" % info, "/app", info)
    for script in ("/", "/app/", "app", "/a//b", "/a/./b", "/a/../b", "/..", ".", "//app"):
        for info in ("/", "/x", "/.", "/x/"):
            yield shift("PATH_INFO %r after %r" % (info, script), script, info)


def drawn_shifts(count):
    r = random.Random(2)
    for i in range(count):
        segments = [r.choice(["", "", ".", "a", "b c", "\xe9", "x.y"]) for _ in range(r.randrange(1, 9))]
        yield shift("path drawn at random, number %d" % (i + 1), r.choice(["", "/app"]), "/" + "/".join(segments))


def defaults(why, **variables):
    environ = dict(variables)
    util.setup_testing_defaults(environ)
    return {"why": why, "environ": variables,
            "defaults": {k: v for k, v in environ.items() if not k.startswith("wsgi.")},
            "scheme": environ["wsgi.url_scheme"]}


def defaulted():
    yield defaults("nothing is there")
    yield defaults("the server's name is there", SERVER_NAME="example.com")
    yield defaults("the server's name is empty", SERVER_NAME="")
    yield defaults("the server's name is an IPv6 address", SERVER_NAME="::1")
    yield defaults("the host is there", HTTP_HOST="client.example:81")
    yield defaults("the port is there", SERVER_PORT="8080")
    yield defaults("HTTPS is on", HTTPS="on")
    yield defaults("HTTPS is off", HTTPS="off")
    yield defaults("HTTPS is ON", HTTPS="ON")
    yield defaults("SCRIPT_NAME is there", SCRIPT_NAME="/app")
    yield defaults("PATH_INFO is there", PATH_INFO="/x")
    yield defaults("PATH_INFO is empty", PATH_INFO="")
    yield defaults("the method is there", REQUEST_METHOD="POST", CONTENT_LENGTH="3")
    yield defaults("the method is empty", REQUEST_METHOD="")
    yield defaults("the protocol is there", SERVER_PROTOCOL="HTTP/1.0")
    yield defaults("the query is there", QUERY_STRING="a=1")
    yield defaults("others stay", REMOTE_ADDR="192.0.2.1", X="")


def lines(rows):
    return "[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]"


print('{\n"python": %s,\n"uris": %s,\n"shifts": %s,\n"defaults": %s\n}' % (
    json.dumps(platform.python_version()),
    lines([*schemes(), *hosts(), *splits(), *quoting(), *queries(), *drawn_uris(40)]),
    lines([*shifts(), *drawn_shifts(40)]),
    lines(defaulted())))

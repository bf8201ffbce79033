"""Records what CPython's wsgiref does with lists of headers.

    python3 generate.py > vectors.json

Each vector is a list, steps done to it one after the other, and what came of
them: the result of every step, the list in the end and its text. Characters
stand for the bytes of ISO 8859-1. The tests read vectors.json only.
"""

import json
import platform
import random
import wsgiref.headers
import wsgiref.util


def step(h, op, name=None, value=None, params=()):
    if op == "set":
        h[name] = value
    elif op == "del":
        del h[name]
    elif op == "get":
        return h[name]
    elif op == "has":
        return name in h
    elif op == "get_all":
        return h.get_all(name)
    elif op == "setdefault":
        return h.setdefault(name, value)
    elif op == "add":
        h.add_header(name, value, **dict(params))
    elif op == "len":
        return len(h)
    elif op == "keys":
        return h.keys()
    elif op == "values":
        return h.values()
    elif op == "items":
        return h.items()
    else:
        raise ValueError(op)


def record(why, fields, *steps):
    wrapped = [tuple(f) for f in fields]
    h = wsgiref.headers.Headers(wrapped)
    done = []
    for s in steps:
        s = dict(zip(("op", "name", "value", "params"), s))
        s["result"] = step(h, **s)
        done.append(s)
    return {"why": why, "fields": fields, "steps": done, "list": wrapped,
            "text": bytes(h).decode("iso-8859-1")}


def chosen():
    two = [["A", "1"], ["B", "2"]]
    many = [["Set-Cookie", "a=1"], ["X-A", "x"], ["set-cookie", "b=2"], ["X-B", "y"]]
    yield record("an empty list is one empty line", [])
    yield record("a list is written in its order", two)
    yield record("a name keeps its spelling", [["x-lOwEr", "v"]])
    yield record("an empty value keeps colon and space", [["A", ""]])
    yield record("a value keeps the spaces around it", [["A", " v\t"]])
    yield record("a value keeps bytes outside ASCII", [["A", "caf\xe9 \xff"]])
    yield record("a value keeps colons", [["Location", "http://example.com:80/"]])
    yield record("get finds the first value in any case", many, ("get", "SET-COOKIE"))
    yield record("get of a missing name is nothing", two, ("get", "C"))
    yield record("get of an empty value is empty", [["A", ""]], ("get", "a"))
    yield record("a longer name is another name", two, ("get", "AA"), ("has", "AA"))
    yield record("has looks in any case", two, ("has", "a"), ("has", "b"), ("has", "c"))
    yield record("has counts an empty value", [["A", ""]], ("has", "A"))
    yield record("get_all returns every value in order", many, ("get_all", "Set-Cookie"))
    yield record("get_all of a missing name is empty", many, ("get_all", "Cookie"))
    yield record("set replaces all and appends", many, ("set", "SET-cookie", "c=3"))
    yield record("set of a missing name appends", two, ("set", "C", "3"))
    yield record("set on an empty list appends", [], ("set", "C", "3"))
    yield record("set takes the new spelling", two, ("set", "a", "3"))
    yield record("set twice leaves one", [], ("set", "A", "1"), ("set", "a", "2"))
    yield record("del removes every value in any case", many, ("del", "SET-COOKIE"))
    yield record("del of a missing name does nothing", two, ("del", "C"))
    yield record("del of the only field leaves an empty list", [["A", "1"]], ("del", "A"))
    yield record("del and add moves a field to the end", two, ("del", "A"), ("add", "A", "3"))
    yield record("setdefault returns what is there", two, ("setdefault", "a", "9"))
    yield record("setdefault returns the first of several", many, ("setdefault", "Set-cookie", "z"))
    yield record("setdefault adds what is missing", two, ("setdefault", "c", "9"))
    yield record("setdefault respects an empty value", [["A", ""]], ("setdefault", "A", "9"))
    yield record("len counts repeated names", many, ("len",))
    yield record("keys repeats names", many, ("keys",))
    yield record("values are in order", many, ("values",))
    yield record("items are the list", many, ("items",))
    yield record("nothing is in an empty list", [], ("len",), ("keys",), ("values",), ("items",))
    yield record("add keeps what is there", two, ("add", "a", "3"))
    yield record("add without parameters is the bare value", [], ("add", "A", "v"))
    disposition = "Content-Disposition"
    yield record("add quotes a parameter", [],
                 ("add", disposition, "attachment", [["filename", "bud.gif"]]))
    yield record("add joins parameters in order", [],
                 ("add", disposition, "form-data", [["name", "f"], ["filename", "a b.txt"]]))
    yield record("an underscore becomes a dash", [],
                 ("add", "Content-Type", "message/partial", [["max_age_now", "1"]]))
    yield record("a parameter without value is the bare name", [],
                 ("add", "Set-Cookie", "a=1", [["http_only", None], ["Path", "/"]]))
    yield record("quotation marks are escaped", [],
                 ("add", disposition, "attachment", [["filename", 'a"b".gif']]))
    yield record("backslashes are escaped", [],
                 ("add", disposition, "attachment", [["filename", "C:\\dir\\"]]))
    yield record("backslash and quotation mark are escaped apart", [],
                 ("add", disposition, "attachment", [["filename", '\\"']]))
    yield record("a value keeps its underscores", [],
                 ("add", disposition, "attachment", [["filename", "a_b"]]))
    yield record("separators need no escape", [],
                 ("add", disposition, "attachment", [["filename", " ()<>@,;:/[]?=\t"]]))
    yield record("bytes outside ASCII pass in a parameter", [],
                 ("add", disposition, "attachment", [["filename", "caf\xe9"]]))
    yield record("an asterisk is part of a parameter name", [],
                 ("add", disposition, "attachment", [["filename*", "utf-8''%e2%82%ac"]]))
    yield record("no value leaves the parameters alone", [],
                 ("add", "Keep-Alive", None, [["timeout", "5"], ["max", "100"]]))
    yield record("no value leaves one bare parameter", [], ("add", "A", None, [["b", None]]))
    yield record("no value and no parameter is empty", [], ("add", "A", None))
    # Where the rulings of this package say otherwise.
    yield record("an empty parameter is the bare name", [],
                 ("add", "A", "v", [["b", ""], ["c", "1"]]))
    yield record("an empty value puts a semicolon first", [], ("add", "A", "", [["b", "1"]]))
    yield record("names fold outside ASCII", [["\xc9", "1"]], ("get", "\xe9"))


def controls():
    yield record("set takes a line break in a value", [["A", "1"]], ("set", "A", "x\r\nB: 2"))
    yield record("setdefault takes NUL in a value", [], ("setdefault", "A", "x\0"))
    yield record("add takes a line feed in a name", [], ("add", "A\n", "x"))
    yield record("add takes a line feed in a parameter", [], ("add", "A", "x", [["b", "\n"]]))
    yield record("set takes a space in a name", [], ("set", "A B", "x"))


def drawn(count):
    r = random.Random(1)
    names = ["A", "a", "X-Long-Name", "x-long-name", "Set-Cookie", "SET-COOKIE", "B"]
    values = ["", "1", "two words", 'q"\\', "caf\xe9"]
    params = [["p", "1"], ["q_r", 'a"b\\c'], ["s", None]]
    ops = ["set", "set", "del", "get", "has", "get_all", "setdefault", "add", "add", "keys"]
    for i in range(count):
        fields = [[r.choice(names), r.choice(values)] for _ in range(r.randrange(4))]
        steps = []
        for _ in range(r.randrange(3, 9)):
            op = r.choice(ops)
            if op == "keys":
                steps.append((op,))
            elif op in ("del", "get", "has", "get_all"):
                steps.append((op, r.choice(names)))
            elif op == "add":
                value = r.choice(values[1:])
                steps.append((op, r.choice(names), value, r.sample(params, r.randrange(3))))
            else:
                steps.append((op, r.choice(names), r.choice(values)))
        yield record("drawn at random, number %d" % (i + 1), fields, *steps)


def hops():
    for name in ("Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
                 "Proxy-Connection", "TE", "Trailer", "Trailers", "Transfer-Encoding", "Upgrade",
                 "Content-Type", "Content-Length", "Host", "Date", "Server", "Status", "Via",
                 "Proxy-Authentication-Info", "Keep-Alives", "T", "TEE", "X-Connection"):
        for spelled in (name, name.lower(), name.upper()):
            yield [spelled, wsgiref.util.is_hop_by_hop(spelled)]
    yield ["", wsgiref.util.is_hop_by_hop("")]


def lines(rows):
    return "[\n" + ",\n".join("  " + json.dumps(row) for row in rows) + "\n]"


print('{\n"python": %s,\n"headers": %s,\n"hop_by_hop": %s\n}' % (
    json.dumps(platform.python_version()),
    lines([*chosen(), *controls(), *drawn(60)]),
    lines(hops())))

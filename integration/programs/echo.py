#!/usr/bin/python3
import os, sys
length = os.environ.get("CONTENT_LENGTH")
body = sys.stdin.buffer.read(int(length) if length else -1 if "HTTP_TRANSFER_ENCODING" in os.environ else 0)
sys.stdout.write("Status: 201 Created\r\nContent-Type: text/plain\r\nX-Language: Python\r\n\r\n")
sys.stdout.write("%s %s %s\n" % (os.environ["REQUEST_METHOD"], os.environ.get("PATH_INFO", ""), os.environ["QUERY_STRING"]))
sys.stdout.flush()
sys.stdout.buffer.write(body)

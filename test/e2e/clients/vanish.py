"""A client that is gone before anybody can look at it. Arguments: JSON with ip, port, and either
name      send a TLS hello for this name, or
bytes     send so many zero bytes.
Ends at once, without closing anything itself; prints nothing."""

import json
import os
import socket
import ssl
import sys

args = json.loads(sys.argv[1])


def hello(name):
    outgoing = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()


payload = hello(args["name"]) if "name" in args else bytes(args["bytes"])
sock = socket.create_connection((args["ip"], args["port"]))
sock.sendall(payload)
os._exit(0)

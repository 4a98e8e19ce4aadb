"""A TLS client that says something else first. Arguments: JSON with ip, port, name (the server name), before (hex: what it says
first) and optionally greeted (true: the server is heard before anything is said) and together (true: the hello follows at once,
without waiting for an answer).
Prints one JSON object: outcome (reset, ended, answered) of the hello."""

import json
import socket
import ssl
import sys

TIMEOUT_SECONDS = 10

args = json.loads(sys.argv[1])


def client_hello():
    outgoing = ssl.MemoryBIO()
    tls = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=args["name"])
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def talk(sock):
    if args.get("greeted"):
        sock.recv(1 << 16)
    before, hello = bytes.fromhex(args["before"]), client_hello()
    if args.get("together"):
        sock.sendall(before + hello)
    else:
        sock.sendall(before)
        sock.recv(1 << 16)
        sock.sendall(hello)
    return "answered" if sock.recv(1 << 16) else "ended"


sock = socket.create_connection((args["ip"], args["port"]), TIMEOUT_SECONDS)
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
try:
    outcome = talk(sock)
except (ConnectionResetError, BrokenPipeError):
    outcome = "reset"
print(json.dumps({"outcome": outcome}))

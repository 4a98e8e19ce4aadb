"""Tries to listen on ports again and again, on loopback and on every address, in both families, and takes what comes. Arguments:
JSON with ports and holdMs (how long a listener is kept at most). Ends when standard input does, and prints one JSON object: listened
(how often it got a port), accepted (connections), bytes (received), refused (a count by error name)."""

import errno
import json
import os
import random
import select
import socket
import sys
import time

args = json.loads(sys.argv[1])
PLACES = [
    (socket.AF_INET, "127.0.0.1", True),
    (socket.AF_INET, "0.0.0.0", True),
    (socket.AF_INET6, "::1", True),
    (socket.AF_INET6, "::", True),
    (socket.AF_INET6, "::", False),
]
PAUSE_S = 0.004
# Of the free ports so many are tried at a time: now and then the engine shall get one of them, and be killed on it.
SHARE = 0.05

listeners = {}
clients = set()
counts = {"listened": 0, "accepted": 0, "bytes": 0, "refused": {}}


def listen(family, address, v6only, port):
    sock = socket.socket(family)
    try:
        sock.setblocking(False)
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            sock.setsockopt(socket.SOL_SOCKET, option, random.random() < 0.5)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
        sock.bind((address, port))
        sock.listen(64)
    except OSError as error:
        sock.close()
        name = errno.errorcode.get(error.errno, str(error.errno))
        counts["refused"][name] = counts["refused"].get(name, 0) + 1
        return None
    counts["listened"] += 1
    return sock


def accept(sock):
    try:
        client, _ = sock.accept()
    except OSError:
        return
    counts["accepted"] += 1
    client.setblocking(False)
    clients.add(client)


def read(client):
    try:
        data = client.recv(65536)
    except BlockingIOError:
        return
    except OSError:
        data = b""
    counts["bytes"] += len(data)
    if not data:
        clients.remove(client)
        client.close()


sys.stdout.write("ready\n")
sys.stdout.flush()
wanted = [(*place, port) for place in PLACES for port in args["ports"]]
while True:
    random.shuffle(wanted)
    for place in wanted:
        if place not in listeners and random.random() < SHARE:
            sock = listen(*place)
            if sock is not None:
                until = time.monotonic() + random.random() * args["holdMs"] / 1000
                listeners[place] = (sock, until)
    socks = {sock: place for place, (sock, _) in listeners.items()}
    readable, _, _ = select.select([*socks, *clients, sys.stdin], [], [], PAUSE_S)
    for sock in readable:
        if sock is sys.stdin:
            if os.read(0, 1) == b"":
                sys.stdout.write(json.dumps(counts) + "\n")
                sys.exit(0)
        elif sock in socks:
            accept(sock)
        else:
            read(sock)
    now = time.monotonic()
    for place, (sock, until) in list(listeners.items()):
        if now > until:
            sock.close()
            del listeners[place]

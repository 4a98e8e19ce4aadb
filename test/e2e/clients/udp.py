"""Sends one datagram and waits for the answer. Arguments: JSON with ip, port, text. Prints one JSON object: outcome (answered,
refused, silence), ms, text."""

import json
import socket
import sys
import time

TIMEOUT_SECONDS = 3

args = json.loads(sys.argv[1])
family = socket.AF_INET6 if ":" in args["ip"] else socket.AF_INET
sock = socket.socket(family, socket.SOCK_DGRAM)
sock.settimeout(TIMEOUT_SECONDS)
sock.connect((args["ip"], args["port"]))
started = time.monotonic()
text = None
try:
    try:
        sock.send(args["text"].encode())
    except PermissionError:
        # A packet that is refused on its way out of this machine fails here; why it was refused is the next thing to be read.
        pass
    text = sock.recv(2048).decode()
    outcome = "answered"
except ConnectionRefusedError:
    outcome = "refused"
except TimeoutError:
    outcome = "silence"
print(json.dumps({"outcome": outcome, "ms": (time.monotonic() - started) * 1000, "text": text}))

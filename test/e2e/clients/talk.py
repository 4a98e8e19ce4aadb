"""A plain TCP client. Arguments: JSON with ip, port, and optionally
text      what to send (latin-1), or
file      a file to send;
pieces    bytes a send; default: all at once (each piece leaves as a segment of its own: TCP_NODELAY and a pause)
silenceMs how long to wait before the first byte
listen    true: read until the server ends before sending
end       true: end our side after sending
linger    true: after the server's end, keep our side open until standard input closes
Prints one JSON object: outcome (ended, reset, refused, unreachable, timeout), connectMs, ms from the first byte sent (or from the
connection, if none was) to the outcome, received (bytes), sha256 and the first 2,000 characters of what came."""

import errno
import hashlib
import json
import socket
import sys
import time

TIMEOUT_SECONDS = 20
PIECE_PAUSE_SECONDS = 0.0005

args = json.loads(sys.argv[1])
received = 0
digest = hashlib.sha256()
first = b""


def now_ms():
    return time.monotonic() * 1000


def read_to_end(sock):
    global received, first
    while chunk := sock.recv(1 << 16):
        received += len(chunk)
        digest.update(chunk)
        first = (first + chunk)[:2000]


def payload():
    if "file" in args:
        with open(args["file"], "rb") as file:
            return file.read()
    return args.get("text", "").encode("latin-1")


def send(sock, data):
    step = args.get("pieces") or max(1, len(data))
    for at in range(0, len(data), step):
        sock.sendall(data[at : at + step])
        if "pieces" in args:
            time.sleep(PIECE_PAUSE_SECONDS)


def talk(sock):
    if args.get("listen"):
        read_to_end(sock)
    time.sleep(args.get("silenceMs", 0) / 1000)
    started = now_ms()
    outcome = "ended"
    try:
        send(sock, payload())
        if args.get("end"):
            sock.shutdown(socket.SHUT_WR)
        read_to_end(sock)
        if args.get("linger"):
            sys.stdin.read()
    except (ConnectionResetError, BrokenPipeError):
        outcome = "reset"
    except TimeoutError:
        outcome = "timeout"
    return outcome, now_ms() - started


family = socket.AF_INET6 if ":" in args["ip"] else socket.AF_INET
sock = socket.socket(family, socket.SOCK_STREAM)
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sock.settimeout(TIMEOUT_SECONDS)
started = now_ms()
try:
    sock.connect((args["ip"], args["port"]))
    connect_ms = now_ms() - started
    outcome, took_ms = talk(sock)
except ConnectionRefusedError:
    outcome, connect_ms, took_ms = "refused", None, now_ms() - started
except ConnectionResetError:
    outcome, connect_ms, took_ms = "reset", None, now_ms() - started
except TimeoutError:
    outcome, connect_ms, took_ms = "timeout", None, now_ms() - started
except OSError as error:
    if error.errno not in (errno.ENETUNREACH, errno.EHOSTUNREACH):
        raise
    outcome, connect_ms, took_ms = "unreachable", None, now_ms() - started
print(
    json.dumps(
        {
            "outcome": outcome,
            "connectMs": connect_ms,
            "ms": took_ms,
            "received": received,
            "sha256": digest.hexdigest(),
            "text": first.decode("latin-1"),
        }
    )
)

"""A TLS client whose first bytes can be sent in any shape. Arguments: JSON with ip, port, ca, name (sent as the server name and
checked in the certificate; null: send none), and optionally
sni       hex of bytes to put in the place of the name, of the same length (then the handshake cannot end well)
pieces    bytes a TCP segment of the hello
records   bytes of the hello a TLS record
alpnBytes how much to grow the hello by protocol names that nobody speaks
silenceMs how long to wait before the first byte
pauseAfter, pauseMs  after so many bytes of the hello, how long to wait before the next
giveUpMs  how long to wait for anything, default 20,000
cutAfter  send only so many bytes of the hello, then wait for the outcome
Prints one JSON object: outcome (answered, reset, ended, refused, timeout), helloBytes, connectMs, ms from the last byte of the
hello to the outcome, fingerprint of the server's certificate and body of GET /, both null when it did not answer."""

import hashlib
import json
import socket
import ssl
import sys
import time

TIMEOUT_MS = 20_000
PIECE_PAUSE_SECONDS = 0.0005
RECORD_HEADER_BYTES = 5
LONGEST_PROTOCOL_BYTES = 255

args = json.loads(sys.argv[1])


def now_ms():
    return time.monotonic() * 1000


def context():
    made = ssl.create_default_context(cafile=args["ca"])
    if args["name"] is None:
        made.check_hostname = False
    protocols = []
    left = args.get("alpnBytes", 0)
    while left > 1:
        size = min(LONGEST_PROTOCOL_BYTES, left - 1)
        protocols.append(format(len(protocols), "04d").ljust(size, "x")[:size])
        left -= size + 1
    made.set_alpn_protocols([*protocols, "http/1.1"])
    return made


def in_records(flight, size):
    """The same handshake bytes in TLS records of `size` bytes: only the record layer changes, so the handshake holds."""
    handshake = b""
    while flight:
        length = int.from_bytes(flight[3:5], "big")
        head, handshake = flight[:3], handshake + flight[RECORD_HEADER_BYTES : RECORD_HEADER_BYTES + length]
        flight = flight[RECORD_HEADER_BYTES + length :]
    pieces = [handshake[at : at + size] for at in range(0, len(handshake), size)]
    return b"".join(head + len(piece).to_bytes(2, "big") + piece for piece in pieces)


def send_hello(sock, flight):
    flight = flight[: args.get("cutAfter", len(flight))]
    if "pauseAfter" in args:
        sock.sendall(flight[: args["pauseAfter"]])
        flight = flight[args["pauseAfter"] :]
        time.sleep(args["pauseMs"] / 1000)
    step = args.get("pieces") or max(1, len(flight))
    for at in range(0, len(flight), step):
        sock.sendall(flight[at : at + step])
        if "pieces" in args:
            time.sleep(PIECE_PAUSE_SECONDS)


def first_flight(tls, outgoing):
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    flight = outgoing.read()
    if "sni" in args:
        flight = flight.replace(args["name"].encode(), bytes.fromhex(args["sni"]))
    return in_records(flight, args["records"]) if "records" in args else flight


def step(sock, incoming, outgoing, act):
    """Runs one TLS operation, moving bytes until it is done; None when the server ended."""
    while True:
        try:
            result = act()
            sock.sendall(outgoing.read())
            return result
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            data = sock.recv(1 << 16)
            if not data:
                return None
            incoming.write(data)


def exchange(sock, report):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context().wrap_bio(incoming, outgoing, server_hostname=args["name"])
    flight = first_flight(tls, outgoing)
    report["helloBytes"] = len(flight)
    time.sleep(args.get("silenceMs", 0) / 1000)
    started = now_ms()
    try:
        send_hello(sock, flight)
        started = now_ms()
        if step(sock, incoming, outgoing, lambda: tls.do_handshake() or True) is None:
            return "ended", started
        report["fingerprint"] = hashlib.sha256(tls.getpeercert(binary_form=True)).hexdigest()
        host = args["name"] or "nobody"
        tls.write(f"GET / HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = b""
        while b"}\n" not in answer:
            piece = step(sock, incoming, outgoing, lambda: tls.read(1 << 16))
            if not piece:
                return "ended", started
            answer += piece
        report["body"] = answer.partition(b"\r\n\r\n")[2].decode()
        return "answered", started
    except (ConnectionResetError, BrokenPipeError):
        return "reset", started
    except TimeoutError:
        return "timeout", started
    except ssl.SSLError as error:
        report["error"] = str(error)
        return "alert", started


report = {"helloBytes": 0, "connectMs": None, "fingerprint": None, "body": None}
sock = socket.socket(socket.AF_INET6 if ":" in args["ip"] else socket.AF_INET, socket.SOCK_STREAM)
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sock.settimeout(args.get("giveUpMs", TIMEOUT_MS) / 1000)
started = now_ms()
try:
    sock.connect((args["ip"], args["port"]))
    report["connectMs"] = now_ms() - started
    report["outcome"], started = exchange(sock, report)
except ConnectionRefusedError:
    report["outcome"] = "refused"
except ConnectionResetError:
    report["outcome"] = "reset"
report["ms"] = now_ms() - started
print(json.dumps(report))

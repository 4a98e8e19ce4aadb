# Connects and prints one JSON object: {"answer": text} or {"errno": name, "seconds": s}. argv: tcp|udp address port [gid]
import errno, json, os, socket, sys, time

kind, address, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if len(sys.argv) > 4:
    os.setgroups([])
    os.setgid(int(sys.argv[4]))
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
s.settimeout(3)
started = time.monotonic()
try:
    s.connect((address, port))
    if kind == "udp":
        s.send(b"hello")
    text = b""
    while not text.endswith(b"\n"):
        piece = s.recv(1000)
        if not piece:
            break
        text += piece
    print(json.dumps({"answer": text.decode().strip()}))
except OSError as e:
    name = errno.errorcode.get(e.errno, "TIMEOUT") if e.errno else "TIMEOUT"
    print(json.dumps({"errno": name, "seconds": time.monotonic() - started}))

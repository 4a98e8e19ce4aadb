# Connects from a socket bound to a device, its payload in the very first packet where asked (TCP fast open), and prints what became of it.
# argv: JSON with ip, port, device, fast. Output: {"outcome": "answered" | "closed" | name of the error}.
import errno, json, socket, sys

MSG_FASTOPEN = 0x20000000
args = json.loads(sys.argv[1])
s = socket.socket(socket.AF_INET6 if ":" in args["ip"] else socket.AF_INET, socket.SOCK_STREAM)
s.settimeout(2)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, args["device"].encode())
try:
    payload = b"\x01" * 507
    if args["fast"]:
        s.sendto(payload, MSG_FASTOPEN, (args["ip"], args["port"]))
    else:
        s.connect((args["ip"], args["port"]))
        s.sendall(payload)
    outcome = "answered" if s.recv(100) else "closed"
except OSError as e:
    outcome = errno.errorcode.get(e.errno, "ETIMEDOUT") if e.errno else "ETIMEDOUT"
print(json.dumps({"outcome": outcome}))

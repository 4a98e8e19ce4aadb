# Answers "server" to every TCP connection and datagram on ports 443 and 53 of the internet's addresses, and says so; "ready" first.
import selectors, socket

sel = selectors.DefaultSelector()
addresses = ("203.0.113.1", "203.0.113.2", "2001:db8:5::1", "2001:db8:5::2")
for address in addresses:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for kind, port in ((socket.SOCK_STREAM, 443), (socket.SOCK_DGRAM, 443), (socket.SOCK_DGRAM, 53)):
        s = socket.socket(family, kind)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((address, port))
        if kind == socket.SOCK_STREAM:
            s.listen(50)
        sel.register(s, selectors.EVENT_READ, kind)
print("ready", flush=True)
while True:
    for key, _ in sel.select():
        if key.data == socket.SOCK_STREAM:
            c, _ = key.fileobj.accept()
            c.sendall(b"server\n")
            c.close()
        else:
            _, peer = key.fileobj.recvfrom(2000)
            key.fileobj.sendto(b"server\n", peer)
        print("served", flush=True)

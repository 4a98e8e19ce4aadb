# Sends back what one client after another sends. argv: port
import socket, sys

s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", int(sys.argv[1])))
s.listen(5)
print("ready", flush=True)
while True:
    c, _ = s.accept()
    while True:
        piece = c.recv(1000)
        if not piece:
            break
        c.sendall(piece)

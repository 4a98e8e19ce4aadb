# Holds one connection: "connect" opens it, every other line on stdin is sent, and what comes back is printed. argv: address port
import socket, sys

s = None
for line in sys.stdin:
    if line == "connect\n":
        s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)
        print("connected", flush=True)
    else:
        s.sendall(line.encode())
        print(s.recv(1000).decode().strip(), flush=True)

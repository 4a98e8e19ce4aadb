# Connects from one source port to two destinations. argv: port, destination, destination. Prints its pid and both answers.
import os, socket, sys

sockets = []
for destination in sys.argv[2:4]:
    s = socket.socket(socket.AF_INET6 if ":" in destination else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", int(sys.argv[1])))
    s.connect((destination, 443))
    sockets.append(s)
print(os.getpid(), *[s.makefile().readline().strip() for s in sockets], sep="\n")

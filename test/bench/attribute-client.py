# A client for the attribution bench. argv: port, what to do, how often.
import os, random, socket, sys, time

port, what, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def connect():
    s = socket.create_connection(("127.0.0.1", port))
    s.recv(1)
    return s


if what == "crowd":
    # count processes with 200 descriptors each, half of them sockets; they end with the standard input.
    for _ in range(count):
        if os.fork() == 0:
            kept = [socket.socket() for _ in range(100)] + [open("/dev/null") for _ in range(97)]
            os.close(0)
            time.sleep(300)
            os._exit(0)
    print("ready", flush=True)
    sys.stdin.read()
    os.killpg(0, 9)
elif what == "close":
    for _ in range(count):
        connect().close()
elif what == "keep":
    kept = [connect() for _ in range(count)]
elif what == "full":
    kept = [open("/dev/null") for _ in range(10_000)]
    for _ in range(count):
        connect().close()
elif what == "holes":
    # Sixty-four connections at a time, one of them replaced after the other in no order.
    kept = [connect() for _ in range(64)]
    for i in range(count):
        at = random.randrange(64)
        kept[at].close()
        kept[at] = connect()
elif what == "fork":
    # A new process for every connection.
    for _ in range(count):
        if os.fork() == 0:
            connect().close()
            os._exit(0)
        os.wait()
elif what == "vanish":
    # The same, and none of them waits for anything: it sends and is gone.
    for _ in range(count):
        if os.fork() == 0:
            socket.create_connection(("127.0.0.1", port)).send(b"x")
            os._exit(0)
        os.wait()
        time.sleep(0.002)

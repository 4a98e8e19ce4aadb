# Opens connections in unusual ways. argv: address, port, what. Prints "PORT PID" of each connection, then waits for stdin to end.
import array, ctypes, encodings.idna, os, socket, sys, threading, time

address, port, what = sys.argv[1], int(sys.argv[2]), sys.argv[3]


def connect():
    s = socket.create_connection((address, port))
    print(s.getsockname()[1], os.getpid(), flush=True)
    return s


def wait():
    sys.stdin.read()


if what == "plain":
    s = connect()
    wait()
elif what == "many":
    kept = [connect() for _ in range(100)]
    wait()
elif what == "user":
    os.setgroups([])
    os.setgid(65534)
    os.setuid(int(sys.argv[4]))
    s = connect()
    wait()
elif what == "closed":
    os.setuid(65534)
    connect().close()
    print(0, 0, flush=True)
    wait()
elif what == "unsent":
    # Closed with more in the queue than the other side takes: the kernel keeps the socket to send the rest.
    s = connect()
    s.setblocking(False)
    try:
        while True:
            s.send(b"x" * 100000)
    except BlockingIOError:
        s.close()
    print(0, 0, flush=True)
    wait()
elif what == "inherited":
    # The parent connects and closes; only the child has the socket.
    s = connect()
    child = os.fork()
    if child == 0:
        wait()
        os._exit(0)
    s.close()
    print(0, child, flush=True)
    os.waitpid(child, 0)
elif what == "flight":
    # The socket lies in another one, sent and not received until a line says so.
    a, b = socket.socketpair()
    s = connect()
    a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])
    s.close()
    print(0, 0, flush=True)
    if sys.stdin.readline():
        b.recvmsg(1, 64)
        print(0, os.getpid(), flush=True)
        wait()
elif what == "thread":
    # A thread with descriptors of its own: CLONE_FILES undone.
    def alone():
        if ctypes.CDLL(None).unshare(0x400) != 0:
            sys.exit("unshare failed")
        s = connect()
        time.sleep(60)

    threading.Thread(target=alone, daemon=True).start()
    wait()
elif what == "headless":
    # Its main thread ends alone (exit(2), not exit_group); the other one connects after that.
    def survive():
        while ") Z " not in open("/proc/%d/stat" % os.getpid()).read():
            pass
        s = connect()
        wait()

    threading.Thread(target=survive).start()
    ctypes.CDLL(None).syscall(93 if os.uname().machine == "aarch64" else 60, 0)
elif what == "exec":
    # Connects, waits for a line, becomes bash, which connects in its turn under the same pid.
    s = connect()
    sys.stdin.buffer.raw.readline()
    script = 'exec 4<>/dev/tcp/%s/%d; echo 0 $$; read -r' % (address, port)
    os.execv("/bin/bash", ["bash", "-c", script])

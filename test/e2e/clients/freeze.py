"""Stops one thread of another process, named by its thread id, until standard input ends; says `frozen` once it stands still."""
import ctypes
import os
import select
import sys

PTRACE_SEIZE = 0x4206
PTRACE_INTERRUPT = 0x4207
WALL = 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
thread = int(sys.argv[1])
for request in (PTRACE_SEIZE, PTRACE_INTERRUPT):
    if libc.ptrace(request, thread, None, None) != 0:
        sys.exit(os.strerror(ctypes.get_errno()))
os.waitpid(thread, WALL)
print("frozen", flush=True)
# The kernel lets the thread go on when this process ends; one that was killed meanwhile is gone only when it is waited for here.
while not select.select([sys.stdin], [], [], 0.05)[0]:
    if os.waitpid(thread, WALL | os.WNOHANG)[0] == thread:
        break

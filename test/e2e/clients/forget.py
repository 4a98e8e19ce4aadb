"""Connects to port 443 of an address, and has connection tracking forget all it knows. Argument: the address. Ends without closing."""

import os
import socket
import struct
import sys

NETLINK_NETFILTER = 12
# NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE: without a tuple it means every connection.
DELETE = 1 << 8 | 2
REQUEST_WITH_ACK = 5

client = socket.create_connection((sys.argv[1], 443), 3)
netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
netlink.send(struct.pack("=IHHIIBBH", 20, DELETE, REQUEST_WITH_ACK, 1, 0, socket.AF_UNSPEC, 0, 0))
error = struct.unpack_from("=i", netlink.recv(4096), 16)[0]
if error != 0:
    sys.exit(f"not forgotten: {os.strerror(-error)}")

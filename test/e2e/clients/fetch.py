"""One HTTP request by Python's own library. Arguments: JSON with url, family, ca, out, upload (a file or null).
Writes the body to `out`, and to standard output one JSON object: status, fingerprint (null for plain HTTP)."""

import hashlib
import http.client
import json
import socket
import ssl
import sys
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 60

args = json.loads(sys.argv[1])
url = urlsplit(args["url"])
secure = url.scheme == "https"
port = url.port or (443 if secure else 80)
family = socket.AF_INET6 if args["family"] == 6 else socket.AF_INET
address = socket.getaddrinfo(url.hostname, port, family, socket.SOCK_STREAM)[0][4]

connection = http.client.HTTPConnection(url.hostname, port, timeout=TIMEOUT_SECONDS)
sock = socket.socket(family, socket.SOCK_STREAM)
sock.settimeout(TIMEOUT_SECONDS)
sock.connect(address)
fingerprint = None
if secure:
    sock = ssl.create_default_context(cafile=args["ca"]).wrap_socket(sock, server_hostname=url.hostname)
    fingerprint = hashlib.sha256(sock.getpeercert(binary_form=True)).hexdigest()
connection.sock = sock

if args["upload"] is None:
    connection.request("GET", url.path)
else:
    with open(args["upload"], "rb") as body:
        connection.request("POST", url.path, body=body, headers={"Content-Type": "application/octet-stream"})
response = connection.getresponse()
with open(args["out"], "wb") as out:
    while chunk := response.read(1 << 20):
        out.write(chunk)
print(json.dumps({"status": response.status, "fingerprint": fingerprint}))

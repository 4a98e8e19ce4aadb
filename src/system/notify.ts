import { type LinuxLibc, openLinuxLibc } from './libc.ts';
import { SOCK_CLOEXEC } from './listen-socket.ts';

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_NOSIGNAL = 0x4000;
/** Bytes of sun_path in a sockaddr_un, without the NUL at its end (unix(7)). */
const PATH_MAX_BYTES = 107;

/**
 * Tells the service manager that started this process that it is ready (sd_notify(3)); `address` is its NOTIFY_SOCKET. False when it
 * could not be told.
 */
export function notifyReady(address: string, libc: LinuxLibc = openLinuxLibc()): boolean {
  const path = Buffer.from(address.startsWith('@') ? `\0${address.slice(1)}` : address);
  if (path.length > PATH_MAX_BYTES) return false;
  const sockaddr = Buffer.concat([Buffer.of(AF_UNIX, 0), path]);
  const message = Buffer.from('READY=1');
  const fd = libc.c.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const isConnected = libc.c.connect(fd, sockaddr, sockaddr.length) === 0;
  const isSent = isConnected && libc.c.send(fd, message, message.length, MSG_NOSIGNAL) === message.length;
  libc.c.close(fd);
  return isSent;
}

import type { Pid, Uid } from '../model/brand.ts';
import type { Libc } from './libc.ts';
import { nativeMemory } from './native-memory.ts';

/** Who opened the other end of a unix socket, as of connect(2). */
export interface PeerCred {
  readonly pid: Pid | null;
  readonly uid: Uid;
  readonly gid: number;
}

// unix(7): struct ucred { pid, uid, gid }. macOS, unix(4): struct xucred { version, uid, ngroups, groups[16] }.
const LINUX = { level: 1, option: 17, sizeBytes: 12 };
const DARWIN_CRED = { level: 0, option: 1, sizeBytes: 76 };
const DARWIN_PID = { level: 0, option: 2, sizeBytes: 4 };

/** Asks the kernel who connected to a unix socket; null when it would not say, and the caller must then refuse. */
export function peerCred(libc: Libc, fd: number): PeerCred | null {
  if (libc.platform === 'linux') {
    const cred = read(libc, fd, LINUX);
    if (cred === null) return null;
    const uid = cred.getUint32(4, true) as Uid;
    return { pid: cred.getInt32(0, true) as Pid, uid, gid: cred.getUint32(8, true) };
  }
  const cred = read(libc, fd, DARWIN_CRED);
  // XUCRED_VERSION is 0; another version would have another layout.
  if (cred === null || cred.getUint32(0, true) !== 0) return null;
  const pid = read(libc, fd, DARWIN_PID);
  return {
    pid: pid === null ? null : (pid.getInt32(0, true) as Pid),
    uid: cred.getUint32(4, true) as Uid,
    gid: cred.getUint32(12, true),
  };
}

function read(libc: Libc, fd: number, what: typeof LINUX): DataView | null {
  const value = nativeMemory(what.sizeBytes);
  const size = nativeMemory(4);
  size.view.setUint32(0, what.sizeBytes, true);
  if (libc.c.getsockopt(fd, what.level, what.option, value.address, size.address) !== 0) return null;
  return size.view.getUint32(0, true) >= what.sizeBytes ? value.view : null;
}

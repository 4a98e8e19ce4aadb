import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import type { Libc } from '../system/libc.ts';

// flock(2), the same numbers on Linux and macOS.
const LOCK_EX_NB = 2 | 4;
const LOCK_SH_NB = 1 | 4;
const PID_MAX_CHARS = 20;
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;

/** One engine a socket, told by a lock that the kernel takes back when its holder dies, however it dies. */
export type EngineLock =
  | { readonly kind: 'held'; readonly release: () => void }
  /** Another engine holds it; its pid as it wrote it, null when unreadable. */
  | { readonly kind: 'taken'; readonly pid: number | null };

/** Takes the lock file beside a socket and writes our pid into it. Throws what the file system throws. */
export function takeEngineLock(libc: Libc, socketPath: string): EngineLock {
  const fd = openSync(`${socketPath}.lock`, OPEN_FLAGS, 0o600);
  if (libc.c.flock(fd, LOCK_EX_NB) !== 0) {
    const pid = readPid(fd);
    closeSync(fd);
    return { kind: 'taken', pid };
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`, 0);
  // The file stays: deleting it would let two engines lock two files of the same name.
  return { kind: 'held', release: () => closeSync(fd) };
}

/** The engine of a socket, while one lives: its pid as it wrote it, null when unreadable. Null when no engine lives. */
export function lockHolder(libc: Libc, socketPath: string): { readonly pid: number | null } | null {
  let fd: number;
  try {
    fd = openSync(`${socketPath}.lock`, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return null; // No engine has ever taken it.
  }
  try {
    // What somebody else may have written proves nothing.
    if (fstatSync(fd).uid !== process.geteuid?.() || libc.c.flock(fd, LOCK_SH_NB) === 0) return null;
    return { pid: readPid(fd) };
  } finally {
    closeSync(fd);
  }
}

function readPid(fd: number): number | null {
  const text = Buffer.alloc(PID_MAX_CHARS);
  const length = readSync(fd, text, 0, PID_MAX_CHARS, 0);
  const pid = Number.parseInt(text.toString('latin1', 0, length), 10);
  return Number.isNaN(pid) ? null : pid;
}

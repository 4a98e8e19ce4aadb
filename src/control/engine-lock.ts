import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Libc } from '../system/libc.ts';

// flock(2), the same numbers on Linux and macOS.
const LOCK_EX_NB = 2 | 4;
const LOCK_SH_NB = 1 | 4;
const PID_MAX_CHARS = 20;
const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
/** Files that may be deleted under our hands by engines that end, before the lock counts as taken. */
const TRIES = 8;

/** One engine a file, told by a lock that the kernel takes back when its holder dies, however it dies. */
export type EngineLock =
  | { readonly kind: 'held'; readonly release: () => void }
  /** Another engine holds it; its pid as it wrote it, null when unreadable. */
  | { readonly kind: 'taken'; readonly pid: number | null };

/** Takes a lock file and writes our pid into it. Its folder must be writable for nobody else. Throws what the file system throws. */
export function takeEngineLock(libc: Libc, path: string): EngineLock {
  for (let tries = 0; tries < TRIES; tries++) {
    const fd = openSync(path, OPEN_FLAGS, 0o600);
    if (libc.c.flock(fd, LOCK_EX_NB) !== 0) {
      const pid = readPid(fd);
      closeSync(fd);
      return { kind: 'taken', pid };
    }
    if (leadsTo(path, fd)) {
      ftruncateSync(fd);
      writeSync(fd, `${process.pid}\n`, 0);
      return { kind: 'held', release: () => release(path, fd) };
    }
    // An engine that ended deleted it between the two calls: whoever comes next locks another file.
    closeSync(fd);
  }
  return { kind: 'taken', pid: null };
}

/** The engine of a lock file, while one lives: its pid as it wrote it, null when unreadable. Null when no engine lives. */
export function lockHolder(libc: Libc, path: string): { readonly pid: number | null } | null {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    return null; // No engine has taken it.
  }
  try {
    // What somebody else may have written proves nothing.
    if (fstatSync(fd).uid !== process.geteuid?.() || libc.c.flock(fd, LOCK_SH_NB) === 0) return null;
    return { pid: readPid(fd) };
  } finally {
    closeSync(fd);
  }
}

/** Deleted while it is locked, so that nobody locks a file that is about to go. */
function release(path: string, fd: number): void {
  if (leadsTo(path, fd)) unlinkSync(path);
  closeSync(fd);
}

function leadsTo(path: string, fd: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return there !== undefined && there.ino === ours.ino && there.dev === ours.dev;
}

function readPid(fd: number): number | null {
  const text = Buffer.alloc(PID_MAX_CHARS);
  const length = readSync(fd, text, 0, PID_MAX_CHARS, 0);
  const pid = Number.parseInt(text.toString('latin1', 0, length), 10);
  return Number.isNaN(pid) ? null : pid;
}

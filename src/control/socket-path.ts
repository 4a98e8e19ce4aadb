import { lstatSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { ensurePrivateDir } from '../files/private-folder.ts';
import type { Libc } from '../system/libc.ts';
import { takeEngineLock } from './engine-lock.ts';

/** sun_path holds 108 bytes on Linux, 104 on macOS, with a closing zero (unix(7), unix(4)). */
const PATH_MAX_BYTES = { linux: 107, darwin: 103 } as const;

/**
 * Makes a socket's path free for us: its folder private, no other engine on it, what a dead engine left removed. Gives what
 * releases it. Throws an error that says what is wrong and what to do.
 */
export async function claimSocketPath(libc: Libc, path: string): Promise<() => void> {
  const maxBytes = PATH_MAX_BYTES[libc.platform];
  if (Buffer.byteLength(path) > maxBytes) {
    throw new Error(`${path} is too long for a socket (${maxBytes} bytes at most); name a shorter --socket`);
  }
  ensurePrivateDir(dirname(path));
  const lock = takeEngineLock(libc, socketLock(path));
  if (lock.kind === 'taken') throw new Error(alreadyRuns(path, lock.pid));
  try {
    await removeDeadSocket(path);
  } catch (error) {
    lock.release();
    throw error;
  }
  return lock.release;
}

/** The lock file of the engine of a socket. */
export function socketLock(path: string): string {
  return `${path}.lock`;
}

function alreadyRuns(path: string, pid: number | null): string {
  const which = pid === null ? '' : `, pid ${pid}`;
  return `an engine already runs${which} on ${path}; stop it, or name another --socket`;
}

async function removeDeadSocket(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is in the way and is not a socket; move it away`);
  if (await answers(path))
    throw new Error(`another program answers on ${path}; stop it, or name another --socket`);
  unlinkSync(path);
}

/** True when a program listens on the socket. */
async function answers(path: string): Promise<boolean> {
  try {
    const socket = await Bun.connect({ unix: path, socket: { data() {} } });
    socket.terminate();
    return true;
  } catch {
    // Refused: the program that made it is gone.
    return false;
  }
}

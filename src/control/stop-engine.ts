import { inTime } from '../async/in-time.ts';
import { type Libc, openLibc } from '../system/libc.ts';
import { peerCred } from '../system/peer-cred.ts';
import { connectControl } from './client.ts';
import { lockHolder } from './engine-lock.ts';
import { socketLock } from './socket-path.ts';

/** How long an engine may take to accept, and to say that it stops: one that runs says so in milliseconds. */
const ANSWER_MS = 500;
/** How long one that said so may take. */
const STOP_MS = 5_000;
/** How long the kernel may take to end a killed one. */
const KILL_MS = 1_000;
// The sockets of a killed engine may close after its lock.
const FAREWELL_MS = 100;
const LOOK_EVERY_MS = 20;

/** What became of the engine of a socket. */
export type EngineEnd =
  | { readonly kind: 'none' }
  | { readonly kind: 'stopped' }
  /** It did not answer, or did not end. */
  | { readonly kind: 'killed'; readonly pid: number }
  /** Neither was it stopped nor is its pid known for sure; `pid` is the one that it wrote down. */
  | { readonly kind: 'lives'; readonly pid: number | null }
  /** What listens there and does not answer is no engine, and was left alone. */
  | { readonly kind: 'stranger'; readonly pid: number | null };

/**
 * Ends the engine of a socket, in half a second when it hangs and in seven at most. It is asked to stop; one that does not is killed
 * when two things name the same process: the kernel, of who listens on the socket, and the lock that an engine holds while it lives.
 */
export async function stopEngine(socketPath: string): Promise<EngineEnd> {
  const libc = openLibc();
  const lock = socketLock(socketPath);
  const client = await inTime(connectControl(socketPath), ANSWER_MS);
  if (client === null) {
    const engine = await lives(libc, lock, ANSWER_MS);
    return engine === null ? { kind: 'none' } : { kind: 'lives', pid: engine.pid };
  }
  let isOpen = true;
  client.onClose(() => {
    isOpen = false;
  });
  const listener = peerCred(libc, client.fd)?.pid ?? null;
  const hasAnswered = (await inTime(client.request('shutdown', {}), ANSWER_MS)) !== null;
  const engine = await lives(libc, lock, hasAnswered ? STOP_MS : 0);
  if (engine === null && hasAnswered) return { kind: 'stopped' };
  if (engine === null) return isOpen ? { kind: 'stranger', pid: listener } : { kind: 'none' };
  if (listener === null || engine.pid !== listener) return { kind: 'lives', pid: engine.pid };
  // Where it fails its watchdog was faster; or it may not be killed, and then it lives.
  signal(listener, 'SIGKILL');
  if ((await lives(libc, lock, KILL_MS)) !== null) return { kind: 'lives', pid: listener };
  await Bun.sleep(FAREWELL_MS);
  return { kind: 'killed', pid: listener };
}

/**
 * Ends the engine that holds a lock file, on whatever socket it listens: with a signal, and when it does not end, kills it. The kernel
 * says that the lock is held; who holds it has written the pid.
 */
export async function stopLockHolder(path: string): Promise<EngineEnd> {
  const libc = openLibc();
  const first = lockHolder(libc, path);
  // Read again a moment later: who has just taken the lock may not have written yet.
  const engine = first === null ? null : await lives(libc, path, LOOK_EVERY_MS);
  if (engine === null) return { kind: 'none' };
  const { pid } = engine;
  if (pid === null || !signal(pid, 'SIGTERM')) return { kind: 'lives', pid };
  if ((await lives(libc, path, STOP_MS)) === null) return { kind: 'stopped' };
  signal(pid, 'SIGKILL');
  if ((await lives(libc, path, KILL_MS)) !== null) return { kind: 'lives', pid };
  await Bun.sleep(FAREWELL_MS);
  return { kind: 'killed', pid };
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false; // It has ended, or may not be signalled; the lock tells which.
  }
}

/** The engine of a lock file when it still lives after `waitMs`, else null, as soon as it is gone. */
async function lives(libc: Libc, path: string, waitMs: number): Promise<ReturnType<typeof lockHolder>> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    const engine = lockHolder(libc, path);
    if (engine === null || performance.now() >= deadline) return engine;
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

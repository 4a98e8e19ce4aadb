import type { Uid } from '../../model/brand.ts';
import { type NativeMemory, nativeMemory } from '../../system/native-memory.ts';
import { entryNumber, nextEntry } from './proc-fd.ts';
import { DIRENTS_BYTES, type ProcReader } from './proc-reader.ts';

/** Sockets that are searched for at the same time; one more is given up at once. */
const WAITERS_MAX = 4_096;
/** Processes, threads of one process or descriptors of one process that a pass looks at. */
const NUMBERS_MAX = 1_048_576;
/** How long one slice may take, and how many follow each other without a rest. */
const SLICE_MS = 0.4;
const EAGER_SLICES = 400;
const REST_MS = 1;
/** Descriptors looked at between two looks at the clock. */
const STEP_FDS = 16;
/** Whole passes before a socket counts as nobody's: the second one looks into threads with descriptors of their own. */
const PASSES = 2;
/** Processes whose rest is remembered; past it all are forgotten. */
const RESTING_MAX = 256;
const EACCES = 13;

export type ScanResult =
  /** `fd` is -1 when it belongs to a thread that shares no descriptors with its process. */
  | { readonly kind: 'held'; readonly pid: number; readonly fd: number }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'not_permitted' }
  | { readonly kind: 'timed_out' };

/** What a pass looks into: descriptors of processes, and of threads that have their own. */
interface Depth {
  readonly processes: boolean;
  readonly threads: boolean;
}

const PROCESSES_ONLY: Depth = { processes: true, threads: false };

interface Waiter {
  readonly uid: Uid;
  readonly deadlineMs: number;
  readonly result: Promise<ScanResult>;
  readonly settle: (result: ScanResult) => void;
  /** Passes that began since it came. */
  passes: number;
}

/**
 * Searches all processes for sockets, in slices short enough for everything else to go on. One pass serves everybody who
 * waits; the processes of the waiting users come first, the newest of them before the older.
 */
export class InodeScan {
  readonly #waiting = new Map<number, Waiter>();
  /** Processes to look into before the pass goes on. */
  readonly #hints = new Set<number>();
  /**
   * Until when a process is no hint, by pid: as long as it took to look into it. One that holds ten thousand connections takes
   * tens of milliseconds: looked into for everybody who comes, it would leave no time for the process that is meant.
   */
  readonly #resting = new Map<number, number>();
  readonly #entries: NativeMemory = nativeMemory(DIRENTS_BYTES);
  #pass: Generator<void, void, void> | null = null;
  #slices = 0;
  #denied = false;
  #closed = false;

  constructor(private readonly reader: ProcReader) {}

  /** Finds the process that holds a socket. `deadlineMs` on the clock of `performance.now()`; `hints` are likely pids. */
  find(inode: number, uid: Uid, hints: readonly number[], deadlineMs: number): Promise<ScanResult> {
    const known = this.#waiting.get(inode);
    if (known !== undefined) return known.result;
    if (this.#closed || this.#waiting.size >= WAITERS_MAX) return Promise.resolve({ kind: 'timed_out' });
    const { promise, resolve } = Promise.withResolvers<ScanResult>();
    this.#waiting.set(inode, { uid, deadlineMs, result: promise, settle: resolve, passes: 0 });
    for (const pid of hints) this.#hints.add(pid);
    this.#slices = 0;
    if (this.#pass === null) {
      this.#pass = this.#search();
      setImmediate(this.#slice);
    }
    return promise;
  }

  /** Ends all searches as timed out. */
  close(): void {
    this.#closed = true;
    for (const inode of this.#waiting.keys()) this.#settle(inode, { kind: 'timed_out' });
    this.#pass?.return();
    this.#pass = null;
  }

  readonly #slice = (): void => {
    if (this.#pass === null) return;
    const start = performance.now();
    do {
      if (this.#pass.next().done === true) this.#pass = this.#search();
    } while (this.#waiting.size > 0 && performance.now() - start < SLICE_MS);
    this.#giveUpLate(start);
    if (this.#waiting.size === 0) {
      this.#pass.return();
      this.#pass = null;
      this.#hints.clear();
    } else if (++this.#slices < EAGER_SLICES) setImmediate(this.#slice);
    else setTimeout(this.#slice, REST_MS);
  };

  #giveUpLate(nowMs: number): void {
    for (const [inode, waiter] of this.#waiting) {
      if (waiter.deadlineMs <= nowMs) this.#settle(inode, { kind: 'timed_out' });
    }
  }

  #settle(inode: number, result: ScanResult): void {
    this.#waiting.get(inode)?.settle(result);
    this.#waiting.delete(inode);
  }

  /** One pass over all processes; stops between any two steps. */
  *#search(): Generator<void, void, void> {
    const depth = { processes: false, threads: false };
    for (const waiter of this.#waiting.values()) {
      if (++waiter.passes < PASSES) depth.processes = true;
      else depth.threads = true;
    }
    this.#denied = false;
    yield* this.#lookIntoHints();
    const rest: number[] = [];
    for (const pid of (yield* this.#numbersIn(-1, '/proc')).reverse()) {
      yield* this.#lookIntoHints();
      if (this.#isWaitedFor(this.reader.ownerOf(pid))) yield* this.#lookInto(pid, depth);
      else rest.push(pid);
      yield;
    }
    for (const pid of rest) {
      yield* this.#lookIntoHints();
      yield* this.#lookInto(pid, depth);
      yield;
    }
    for (const [inode, waiter] of this.#waiting) {
      if (waiter.passes >= PASSES) this.#settle(inode, { kind: this.#denied ? 'not_permitted' : 'nobody' });
    }
  }

  #isWaitedFor(uid: number): boolean {
    for (const waiter of this.#waiting.values()) if (waiter.uid === uid) return true;
    return false;
  }

  *#lookIntoHints(): Generator<void, void, void> {
    for (const pid of this.#hints) {
      this.#hints.delete(pid);
      const startMs = performance.now();
      if (startMs < (this.#resting.get(pid) ?? 0)) continue;
      yield* this.#lookInto(pid, PROCESSES_ONLY);
      const endMs = performance.now();
      if (this.#resting.size >= RESTING_MAX) this.#resting.clear();
      this.#resting.set(pid, endMs + (endMs - startMs));
    }
  }

  *#lookInto(pid: number, depth: Depth): Generator<void, void, void> {
    const dir = this.reader.openProcess(pid);
    if (dir < 0) return;
    try {
      if (depth.processes) yield* this.#lookIntoTable(dir, 'fd', pid, true);
      if (!depth.threads) return;
      for (const tid of yield* this.#numbersIn(dir, 'task')) {
        if (tid !== pid && this.reader.filesDiffer(pid, tid)) {
          yield* this.#lookIntoTable(dir, `task/${tid}/fd`, pid, false);
        }
      }
    } finally {
      this.reader.closeFd(dir);
    }
  }

  *#lookIntoTable(dir: number, name: string, pid: number, own: boolean): Generator<void, void, void> {
    const folder = this.reader.openFolder(dir, name);
    if (folder < 0) {
      if (this.reader.errno() === EACCES) this.#denied = true;
      return;
    }
    try {
      const fds = yield* this.#numbersOf(folder);
      // A process with many has its newest at the end, more often than not.
      for (let i = fds.length - 1; i >= 0; i--) {
        const fd = fds[i] ?? 0;
        const inode = this.reader.socketIn(folder, fd);
        if (inode >= 0 && this.#waiting.has(inode))
          this.#settle(inode, { kind: 'held', pid, fd: own ? fd : -1 });
        if (i % STEP_FDS === 0) yield;
      }
    } finally {
      this.reader.closeFd(folder);
    }
  }

  *#numbersIn(dir: number, name: string): Generator<void, number[], void> {
    const folder = this.reader.openFolder(dir, name);
    if (folder < 0) return [];
    try {
      return yield* this.#numbersOf(folder);
    } finally {
      this.reader.closeFd(folder);
    }
  }

  /** The names in an open folder that are numbers, in the kernel's order, which is ascending. */
  *#numbersOf(folder: number): Generator<void, number[], void> {
    const numbers: number[] = [];
    for (let size = this.#fill(folder); size > 0 && numbers.length < NUMBERS_MAX; size = this.#fill(folder)) {
      for (let at = 0; at < size; at = nextEntry(this.#entries.view, at, size)) {
        const number = entryNumber(this.#entries.bytes, at, size);
        if (number >= 0) numbers.push(number);
      }
      yield;
    }
    return numbers;
  }

  #fill(folder: number): number {
    return this.reader.entries(folder, this.#entries);
  }
}

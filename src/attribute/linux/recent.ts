import type { Uid } from '../../model/brand.ts';
import type { ProcReader } from './proc-reader.ts';
import { type ProcessEntry, type ProcessTable, rememberFd } from './process-table.ts';

/** Users whose latest processes are remembered, and processes of each; the one used longest ago goes first. */
const USERS_MAX = 64;
const PROCESSES_MAX = 3;
/** How many older descriptors are tried at first, of the process that connected last and of each before it. */
const FRONT_TRIES = 35;
const OTHER_TRIES = 2;
/** How many are tried of a process that is new. */
const NEW_TRIES = 6;
/** How many of the pids that were given last are looked at: other programs start some between a start and its connection. */
const NEW_PIDS = 8;
const FIRST_FD = 3;
// Around the last descriptor: programs take the lowest that is free.
const NEAR = [0, 1, -1, 2];

/** A process that holds a socket, and under which descriptor. */
export interface Holder {
  readonly entry: ProcessEntry;
  readonly fd: number;
}

/**
 * Guesses which process made a connection: one that made some just now, or one that was just started, and may be gone soon. At most
 * some 300 short system calls, half a millisecond, whatever the machine runs; what it does not find is left to the search.
 */
export class RecentProcesses {
  readonly #byUser = new Map<number, ProcessEntry[]>();
  /** The pid that had been given last at the last look at new ones. */
  #lastPid = 0;

  constructor(
    private readonly reader: ProcReader,
    private readonly table: ProcessTable,
  ) {}

  /** The process that holds the socket, or null. */
  find(uid: Uid, inode: number): Holder | null {
    const recent = this.#byUser.get(uid) ?? [];
    const best = this.#bestOfRecent(recent, inode);
    if (best !== null) return best;
    // Who was started since may end at any moment; the others have time.
    const last = this.reader.lastPid();
    const startedSince = last !== this.#lastPid;
    this.#lastPid = last;
    return (
      (startedSince ? this.#amongNew(recent, last, inode) : null) ??
      this.#amongRecent(recent, inode) ??
      (startedSince ? null : this.#amongNew(recent, last, inode)) ??
      this.#amongOlder(recent, inode)
    );
  }

  /** Puts a process to the front of its user's list. */
  remember(uid: Uid, holder: Holder): void {
    const { entry, fd } = holder;
    rememberFd(entry, fd);
    const recent = this.#byUser.get(uid) ?? this.#newUser(uid);
    if (recent[0] === entry) return;
    const at = recent.indexOf(entry);
    if (at !== -1) recent.splice(at, 1);
    recent.unshift(entry);
    if (recent.length > PROCESSES_MAX) recent.pop();
  }

  /** The processes that connected for a user lately, the last one first. */
  pidsOf(uid: Uid): readonly number[] {
    return this.#byUser.get(uid)?.map((entry) => entry.pid) ?? [];
  }

  #bestOfRecent(recent: ProcessEntry[], inode: number): Holder | null {
    // The best guess for each comes before the many for the first: several programs may be busy at a time.
    for (let i = 0; i < recent.length; i++) {
      const entry = recent[i];
      if (entry === undefined) break;
      // Looked at before its descriptors: what holds the socket after this is the program that this saw.
      if (entry.dir < 0 || !this.table.isCurrent(entry)) {
        recent.splice(i--, 1);
        continue;
      }
      const fd = this.#tryBest(entry, inode);
      if (fd >= 0) return { entry, fd };
    }
    return null;
  }

  #amongRecent(recent: readonly ProcessEntry[], inode: number): Holder | null {
    for (const [i, entry] of recent.entries()) {
      const fd = this.#tryLikely(entry, inode, olderTries(i));
      if (fd >= 0) return { entry, fd };
    }
    return null;
  }

  /** Tries where the last step leads, and the descriptor that was not used for longest: connections end in the order they began. */
  #tryBest(entry: ProcessEntry, inode: number): number {
    const expected = (entry.fds.at(-1) ?? FIRST_FD) + entry.fdStep;
    if (this.#isAt(entry, expected, inode)) return expected;
    const oldest = entry.fds[0] ?? -1;
    return oldest !== expected && this.#isAt(entry, oldest, inode) ? oldest : -1;
  }

  /** Tries around the last descriptor, then those of earlier connections, the oldest first. */
  #tryLikely(entry: ProcessEntry, inode: number, older: number): number {
    const last = entry.fds.at(-1) ?? FIRST_FD;
    for (const offset of NEAR) if (this.#isAt(entry, last + offset, inode)) return last + offset;
    for (let i = 1; i < Math.min(entry.fds.length, older); i++) {
      const fd = entry.fds[i] ?? -1;
      if (this.#isAt(entry, fd, inode)) return fd;
    }
    return -1;
  }

  /** Tries every descriptor that is remembered and was not tried before: of programs with many connections at a time. */
  #amongOlder(recent: readonly ProcessEntry[], inode: number): Holder | null {
    for (const [i, entry] of recent.entries()) {
      if (entry.dir < 0) continue;
      for (let j = olderTries(i); j < entry.fds.length; j++) {
        const fd = entry.fds[j] ?? -1;
        if (this.#isAt(entry, fd, inode)) return { entry, fd };
      }
    }
    return null;
  }

  #isAt(entry: ProcessEntry, fd: number, inode: number): boolean {
    return fd >= 0 && this.reader.socketOf(entry.dir, fd) === inode;
  }

  #amongNew(recent: readonly ProcessEntry[], last: number, inode: number): Holder | null {
    for (let pid = last; pid > 0 && pid > last - NEW_PIDS; pid--) {
      if (recent.some((entry) => entry.pid === pid)) continue;
      const dir = this.reader.openProcess(pid);
      if (dir < 0) continue;
      const fd = this.#firstAt(dir, inode);
      if (fd < 0) {
        this.reader.closeFd(dir);
        continue;
      }
      const entry = this.table.adopt(pid, dir);
      // Once more, now that its program is known: it may have become another in between.
      if (entry !== null && this.#isAt(entry, fd, inode)) return { entry, fd };
    }
    return null;
  }

  #firstAt(dir: number, inode: number): number {
    for (let fd = FIRST_FD; fd < FIRST_FD + NEW_TRIES; fd++) {
      if (this.reader.socketOf(dir, fd) === inode) return fd;
    }
    return -1;
  }

  #newUser(uid: Uid): ProcessEntry[] {
    const list: ProcessEntry[] = [];
    this.#byUser.set(uid, list);
    if (this.#byUser.size > USERS_MAX) {
      const oldest = this.#byUser.keys().next();
      if (oldest.done !== true) this.#byUser.delete(oldest.value);
    }
    return list;
  }
}

/** How many of its remembered descriptors are tried before those of new processes are. */
function olderTries(place: number): number {
  return place === 0 ? FRONT_TRIES : OTHER_TRIES;
}

import { basename } from 'node:path';
import type { Pid } from '../../model/brand.ts';
import type { Ancestor, Origin } from '../../model/flow.ts';
import { lineage } from '../lineage.ts';
import type { ExeResolver } from './exe.ts';
import type { ProcReader } from './proc-reader.ts';
import { type ProcStat, readProcStat } from './proc-stat.ts';

/** Processes whose folder in /proc is kept open, one descriptor each; the one used longest ago goes first. */
const PROCESSES_MAX = 512;
/** A chain of parents is looked at again after this long: parents end, and their children move up. */
const LINEAGE_TTL_MS = 2_000;
/** Steps from a process to its farthest parent that are followed. */
const DEPTH_MAX = 16;
/** Descriptors of a process that are remembered because its connections had them. */
const FDS_MAX = 64;

/** One process, as long as it lives: `dir` is its open /proc/PID, which is never another process's. */
export interface ProcessEntry {
  readonly pid: Pid;
  /** -1 when it has left the table. */
  dir: number;
  stat: ProcStat;
  /** Where below `dir` its program is read; see `ProcReader.liveTask`. */
  task: string;
  exeLink: Uint8Array | null;
  /** Null for kernel threads, when it is ending, and when we may not know. */
  path: string | null;
  pathIsSure: boolean;
  /** The file name of the executable; the kernel's short name only where there is none, since a program can change that at will. */
  name: string;
  parents: readonly Ancestor[];
  parentsAtMs: number;
  /** What was last said of it; built anew when anything above changes. */
  origin: Origin | null;
  /** The descriptors its latest connections had, the last one at the end, and how far that was from the one before. */
  readonly fds: number[];
  fdStep: number;
}

/** What is known of processes, each under its pid and only while it lives. */
export class ProcessTable {
  readonly #entries = new Map<number, ProcessEntry>();

  constructor(
    private readonly reader: ProcReader,
    private readonly exes: ExeResolver,
  ) {}

  /** The live process with this pid, also when `id` is that of one of its threads; null when there is none to be seen. */
  get(id: number): ProcessEntry | null {
    const known = this.#entries.get(id);
    if (known !== undefined && this.isCurrent(known)) return known;
    const dir = this.reader.openProcess(id);
    return dir < 0 ? null : this.adopt(id, dir);
  }

  /** The same for a folder that is open already; it belongs to the table from now on. */
  adopt(id: number, dir: number): ProcessEntry | null {
    const leader = this.reader.leaderOf(id, dir);
    if (leader === id) return this.#add(id, dir);
    this.reader.closeFd(dir);
    return leader === null ? null : this.get(leader);
  }

  /** Makes sure that an entry says what is true now: false when the process has ended; a changed executable is read again. */
  isCurrent(entry: ProcessEntry): boolean {
    if (entry.exeLink !== null && this.reader.exeIs(entry.dir, entry.task, entry.exeLink)) {
      this.#touch(entry);
      return true;
    }
    const stat = this.#stat(entry.dir);
    if (stat === null) {
      this.#drop(entry);
      return false;
    }
    this.#read(entry, stat);
    this.#touch(entry);
    return true;
  }

  /** Parent first, up to pid 1; at most `LINEAGE_TTL_MS` old. */
  parentsOf(entry: ProcessEntry, nowMs: number, depth: number = DEPTH_MAX): readonly Ancestor[] {
    if (depth === 0 || nowMs - entry.parentsAtMs < LINEAGE_TTL_MS) return entry.parents;
    // Read again unless it was just read: parents end, and their children move up.
    if (entry.parentsAtMs !== Number.NEGATIVE_INFINITY) entry.stat = this.#stat(entry.dir) ?? entry.stat;
    entry.parentsAtMs = nowMs;
    entry.origin = null;
    const parent = entry.stat.parentPid === 0 ? null : this.get(entry.stat.parentPid);
    // Who started later than its child is not its parent: the pid was given to another in between.
    const isParent = parent !== null && parent.stat.startTicks <= entry.stat.startTicks;
    entry.parents = isParent
      ? lineage(
          { pid: parent.pid, path: parent.path, name: parent.name },
          this.parentsOf(parent, nowMs, depth - 1),
        )
      : [];
    return entry.parents;
  }

  close(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  #add(pid: number, dir: number): ProcessEntry | null {
    const stat = this.#stat(dir);
    if (stat === null) {
      this.reader.closeFd(dir);
      return null;
    }
    const old = this.#entries.get(pid);
    if (old !== undefined) this.#drop(old);
    const entry: ProcessEntry = {
      pid: pid as Pid,
      dir,
      stat,
      task: '',
      exeLink: null,
      path: null,
      pathIsSure: true,
      name: stat.comm,
      parents: [],
      parentsAtMs: Number.NEGATIVE_INFINITY,
      origin: null,
      fds: [],
      fdStep: 0,
    };
    this.#read(entry, stat);
    this.#touch(entry);
    this.#evict();
    return entry;
  }

  #read(entry: ProcessEntry, stat: ProcStat): void {
    entry.stat = stat;
    entry.task = this.reader.liveTask(entry.dir);
    entry.exeLink = this.reader.exe(entry.dir, entry.task);
    const link = entry.exeLink === null ? '' : new TextDecoder().decode(entry.exeLink);
    const exe = link === '' ? null : this.exes.resolve(entry, link);
    entry.path = exe?.path ?? null;
    entry.pathIsSure = exe?.sure ?? true;
    entry.name = exe === null ? stat.comm : basename(exe.path);
    entry.parentsAtMs = Number.NEGATIVE_INFINITY;
    entry.origin = null;
  }

  #stat(dir: number): ProcStat | null {
    const text = this.reader.text(dir, 'stat');
    return text === null ? null : readProcStat(text);
  }

  #touch(entry: ProcessEntry): void {
    this.#entries.delete(entry.pid);
    this.#entries.set(entry.pid, entry);
  }

  #evict(): void {
    for (const entry of this.#entries.values()) {
      if (this.#entries.size <= PROCESSES_MAX) return;
      this.#drop(entry);
    }
  }

  #drop(entry: ProcessEntry): void {
    if (entry.dir >= 0) this.reader.closeFd(entry.dir);
    entry.dir = -1;
    if (this.#entries.get(entry.pid) === entry) this.#entries.delete(entry.pid);
  }
}

/** Notes the descriptor that a connection of a process has. */
export function rememberFd(entry: ProcessEntry, fd: number): void {
  const last = entry.fds.at(-1) ?? fd;
  entry.fdStep = fd - last;
  if (last === fd && entry.fds.length > 0) return;
  const at = entry.fds.indexOf(fd);
  if (at !== -1) entry.fds.splice(at, 1);
  entry.fds.push(fd);
  if (entry.fds.length > FDS_MAX) entry.fds.shift();
}

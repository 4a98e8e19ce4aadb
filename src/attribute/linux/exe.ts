import { stat } from 'node:fs/promises';
import type { LinuxLibc } from '../../system/libc.ts';
import { type NativeMemory, nativeMemory, writeCString } from '../../system/native-memory.ts';
import type { ProcReader } from './proc-reader.ts';

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_INO = 0x100;
const SYS_STATX = process.arch === 'arm64' ? 291 : 332;
const SYS_OPENAT2 = 437;
const O_PATH_CLOEXEC = 0o10000000 | 0o2000000;
const RESOLVE_CACHED = 0x20;
const ENOENT = 2;
const DELETED = ' (deleted)';
/** Comparisons that may wait for a file system at the same time; past it no path is told. */
const SLOW_MAX = 2;

/** A process whose executable is asked for: its open /proc/PID, and where below it that is read (see `ProcReader.liveTask`). */
interface Running {
  readonly pid: number;
  readonly dir: number;
  readonly task: string;
}

/** Where the executable of a process lies, as far as we can tell without waiting. */
export interface ExePath {
  readonly path: string;
  /** False when `path` is the cautious answer and `ExeResolver.compare` may know better. */
  readonly sure: boolean;
}

/**
 * Tells which file of this machine a process runs. /proc/PID/exe gives a path in the process's own mount namespace, and
 * everybody may make one and mount anything over /usr/bin/firefox in it. So a path from a foreign namespace is believed only
 * if our file of that name is the same file; otherwise it is given as `/proc/PID/root/...`, which is true and matches no rule.
 */
export class ExeResolver {
  readonly #trusted: ReadonlySet<string>;
  readonly #path: NativeMemory = nativeMemory(4_096);
  readonly #empty: NativeMemory = nativeMemory(1);
  readonly #how: NativeMemory = nativeMemory(24);
  readonly #stat: NativeMemory = nativeMemory(256);
  #slow = 0;

  constructor(
    private readonly libc: LinuxLibc,
    private readonly reader: ProcReader,
  ) {
    // Ours, and that of pid 1: a service manager may have given us one of our own.
    this.#trusted = new Set(
      [process.pid, 1].map((pid) => this.#namespaceOf(pid)).filter((name) => name !== null),
    );
    this.#how.view.setBigUint64(0, BigInt(O_PATH_CLOEXEC), true);
    this.#how.view.setBigUint64(16, BigInt(RESOLVE_CACHED), true);
  }

  /** `link` is what its `exe` points to. Never waits for a file system. */
  resolve({ pid, dir, task }: Running, link: string): ExePath {
    // The file was replaced or removed since: its path is still what the process was started as.
    const deleted = link.endsWith(DELETED);
    const path = deleted ? link.slice(0, -DELETED.length) : link;
    const namespace = this.reader.link(dir, `${task}ns/mnt`);
    // Of a process that is ending its namespace is gone before its descriptors are. A kernel without namespaces has ours neither.
    const isOurs = namespace === null ? this.#trusted.size === 0 : this.#trusted.has(namespace);
    if (isOurs) return { path, sure: true };
    const same = deleted ? false : this.#isSameFile(dir, `${task}exe`, path);
    return same === true ? { path, sure: true } : { path: foreignPath(pid, path), sure: same === false };
  }

  /**
   * Compares the files in the thread pool, where a hanging file system stops nobody. Null when theirs cannot be seen: the process has
   * ended, and it may have run either. Never rejects.
   */
  async compare({ pid, task }: Running, link: string): Promise<string | null> {
    if (this.#slow >= SLOW_MAX) return null;
    this.#slow++;
    // A file that cannot be seen is not there.
    const look = (path: string) => stat(path, { bigint: true }).catch(() => null);
    const [theirs, ours] = await Promise.all([look(`/proc/${pid}/${task}exe`), look(link)]);
    this.#slow--;
    if (theirs === null) return null;
    return ours !== null && theirs.dev === ours.dev && theirs.ino === ours.ino
      ? link
      : foreignPath(pid, link);
  }

  /** Null when the kernel cannot tell at once (before Linux 5.12, or the path is not in its caches). */
  #isSameFile(dir: number, exe: string, path: string): boolean | null {
    const theirs = this.#identity(dir, exe, AT_STATX_DONT_SYNC);
    if (theirs === null || !writeCString(this.#path, path)) return null;
    const fd = this.libc.c.syscall(SYS_OPENAT2, AT_FDCWD, this.#path.address, this.#how.address, 24, 0);
    if (fd < 0) return this.libc.errno() === ENOENT ? false : null;
    const ours = this.#identity(fd, '', AT_EMPTY_PATH | AT_STATX_DONT_SYNC);
    this.libc.c.close(fd);
    return ours === null ? null : ours === theirs;
  }

  /** Device and inode of a file (statx(2)) as one text; null when they cannot be had. */
  #identity(dir: number, name: string, flags: number): string | null {
    const memory = name === '' ? this.#empty : this.#path;
    writeCString(memory, name);
    if (this.libc.c.syscall(SYS_STATX, dir, memory.address, flags, STATX_INO, this.#stat.address) !== 0)
      return null;
    const { view } = this.#stat;
    return `${view.getUint32(136, true)}:${view.getUint32(140, true)}:${view.getBigUint64(32, true)}`;
  }

  #namespaceOf(pid: number): string | null {
    const dir = this.reader.openProcess(pid);
    if (dir < 0) return null;
    const name = this.reader.link(dir, 'ns/mnt');
    this.reader.closeFd(dir);
    return name;
  }
}

function foreignPath(pid: number, path: string): string {
  return `/proc/${pid}/root${path}`;
}

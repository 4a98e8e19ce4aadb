import type { LinuxLibc } from '../../system/libc.ts';
import { type NativeMemory, nativeMemory, writeCString } from '../../system/native-memory.ts';
import { entryNumber, nextEntry, socketInode } from './proc-fd.ts';
import { readLastPid, readThreadGroup } from './proc-stat.ts';

const AT_FDCWD = -100;
const O_PATH_DIRECTORY = 0o10000000 | 0o200000 | 0o2000000;
const O_DIRECTORY_READ = 0o200000 | 0o2000000;
const O_READ = 0o2000000;
const LINK_MAX_BYTES = 64;
const PATH_MAX_BYTES = 4_096;
const TEXT_MAX_BYTES = 8_192;
const ZERO = 0x30;
const SYS_GETDENTS64 = process.arch === 'arm64' ? 61 : 217;
const SYS_KCMP = process.arch === 'arm64' ? 272 : 312;
const KCMP_FILES = 2;
const SYS_PIDFD_OPEN = 434;
const SYS_STATX = process.arch === 'arm64' ? 291 : 332;
const AT_STATX_DONT_SYNC = 0x4000;
const STATX_UID = 0x8;
const STATX_UID_AT = 20;

/** Tasks of a process that are asked for its program when its main thread has ended. */
const TASKS_MAX = 16;

/** Bytes of one read of a directory: some 170 descriptors, which the kernel lists in a fraction of a millisecond. */
export const DIRENTS_BYTES = 4_096;

/**
 * Reads /proc through descriptors of its folders. Such a descriptor means one process for ever: when that ends, every read
 * fails, also after its pid was given to another. The calls on the way of every connection make no object.
 */
export class ProcReader {
  readonly #libc: LinuxLibc;
  readonly #name: NativeMemory = nativeMemory(128);
  readonly #link: NativeMemory = nativeMemory(LINK_MAX_BYTES);
  readonly #path: NativeMemory = nativeMemory(PATH_MAX_BYTES);
  readonly #text: NativeMemory = nativeMemory(TEXT_MAX_BYTES);
  readonly #exeName: NativeMemory = nativeMemory(8);
  #loadavg: number;

  constructor(libc: LinuxLibc) {
    this.#libc = libc;
    writeCString(this.#exeName, 'exe');
    writeCString(this.#name, '/proc/loadavg');
    this.#loadavg = libc.c.openat(AT_FDCWD, this.#name.address, O_READ, 0);
  }

  /** Opens /proc/PID; below 0 when there is no such process or we may not see it. A thread id opens too. */
  openProcess(pid: number): number {
    const end = this.#number(this.#word('/proc/'), pid);
    this.#name.bytes[end] = 0;
    return this.#libc.c.openat(AT_FDCWD, this.#name.address, O_PATH_DIRECTORY, 0);
  }

  /** Opens a folder below `dir` for reading its entries; below 0 on failure, with `errno`. */
  openFolder(dir: number, name: string): number {
    writeCString(this.#name, name);
    return this.#libc.c.openat(dir, this.#name.address, O_DIRECTORY_READ, 0);
  }

  /** Reads the next entries of an open folder into `into`; their size, 0 at the end, below 0 on failure. */
  entries(folder: number, into: NativeMemory): number {
    return this.#libc.c.syscall(SYS_GETDENTS64, folder, into.address, DIRENTS_BYTES, 0, 0);
  }

  /** The inode of the socket that descriptor `fd` of a process is, or -1. */
  socketOf(process: number, fd: number): number {
    const end = this.#number(this.#word('fd/'), fd);
    this.#name.bytes[end] = 0;
    return this.#socketAt(process);
  }

  /** The same in a folder of descriptors that is open itself. */
  socketIn(folder: number, fd: number): number {
    const end = this.#number(0, fd);
    this.#name.bytes[end] = 0;
    return this.#socketAt(folder);
  }

  #socketAt(dir: number): number {
    const size = this.#libc.c.readlinkat(dir, this.#name.address, this.#link.address, LINK_MAX_BYTES);
    return size < 0 ? -1 : socketInode(this.#link.bytes, size);
  }

  /**
   * Where below /proc/PID the program is to be read: nowhere else (''), or `task/TID/` of a thread that lives when the main thread
   * has ended, since `exe` and the namespaces end with it.
   */
  liveTask(process: number): string {
    if (this.#readExe(process, '') > 0) return '';
    return this.#firstTasks(process).find((task) => this.#readExe(process, task) > 0) ?? '';
  }

  #firstTasks(process: number): readonly string[] {
    const folder = this.openFolder(process, 'task');
    if (folder < 0) return [];
    const size = this.entries(folder, this.#text);
    this.closeFd(folder);
    const tasks: string[] = [];
    for (let at = 0; at < size && tasks.length < TASKS_MAX; at = nextEntry(this.#text.view, at, size)) {
      const tid = entryNumber(this.#text.bytes, at, size);
      if (tid >= 0) tasks.push(`task/${tid}/`);
    }
    return tasks;
  }

  /** True when the executable of a process is still called `known`; `task` as `liveTask` told. */
  exeIs(process: number, task: string, known: Uint8Array): boolean {
    const size = this.#readExe(process, task);
    if (size !== known.length) return false;
    for (let i = 0; i < size; i++) if (this.#path.bytes[i] !== known[i]) return false;
    return true;
  }

  /** What `exe` of a process points to, as bytes; null for kernel threads, and when we may not know. */
  exe(process: number, task: string): Uint8Array | null {
    const size = this.#readExe(process, task);
    return size <= 0 ? null : this.#path.bytes.slice(0, size);
  }

  /** A short file of a process; null when it is gone or not ours to read. */
  text(process: number, name: string): string | null {
    writeCString(this.#name, name);
    const fd = this.#libc.c.openat(process, this.#name.address, O_READ, 0);
    if (fd < 0) return null;
    const size = this.#libc.c.pread(fd, this.#text.address, TEXT_MAX_BYTES, 0);
    this.#libc.c.close(fd);
    return size < 0 ? null : new TextDecoder().decode(this.#text.bytes.subarray(0, size));
  }

  /** What a link of a process points to; null when it is gone or not ours to read. */
  link(process: number, name: string): string | null {
    writeCString(this.#name, name);
    const size = this.#libc.c.readlinkat(process, this.#name.address, this.#path.address, PATH_MAX_BYTES);
    return size < 0 ? null : new TextDecoder().decode(this.#path.bytes.subarray(0, size));
  }

  /** The user of a process, by the owner of its folder; -1 when it is gone. Processes that may not be dumped belong to root here. */
  ownerOf(pid: number): number {
    const end = this.#number(this.#word('/proc/'), pid);
    this.#name.bytes[end] = 0;
    const { c } = this.#libc;
    const done = c.syscall(
      SYS_STATX,
      AT_FDCWD,
      this.#name.address,
      AT_STATX_DONT_SYNC,
      STATX_UID,
      this.#text.address,
    );
    return done === 0 ? this.#text.view.getUint32(STATX_UID_AT, true) : -1;
  }

  /** The pid that the kernel gave last; 0 when it would not say. */
  lastPid(): number {
    const size = this.#libc.c.pread(this.#loadavg, this.#text.address, LINK_MAX_BYTES, 0);
    return size < 0 ? 0 : readLastPid(this.#text.bytes, size);
  }

  /** The process that a task belongs to: `id` itself unless that is one of its threads; null when it is gone. */
  leaderOf(id: number, process: number): number | null {
    // pidfd_open(2) takes the first thread of a process and no other.
    const fd = this.#libc.c.syscall(SYS_PIDFD_OPEN, id, 0, 0, 0, 0);
    if (fd < 0) return readThreadGroup(this.text(process, 'status') ?? '');
    this.#libc.c.close(fd);
    return id;
  }

  /** True when two tasks are known to have different descriptor tables (kcmp(2)). */
  filesDiffer(a: number, b: number): boolean {
    return this.#libc.c.syscall(SYS_KCMP, a, b, KCMP_FILES, 0, 0) > 0;
  }

  /** Number of the last failed call's error. */
  errno(): number {
    return this.#libc.errno();
  }

  closeFd(fd: number): void {
    this.#libc.c.close(fd);
  }

  close(): void {
    if (this.#loadavg >= 0) this.#libc.c.close(this.#loadavg);
    this.#loadavg = -1;
  }

  #readExe(process: number, task: string): number {
    const name = task === '' ? this.#exeName : this.#name;
    if (task !== '') writeCString(name, `${task}exe`);
    return this.#libc.c.readlinkat(process, name.address, this.#path.address, PATH_MAX_BYTES);
  }

  /** Writes a short ASCII word at the start of the name, and returns its length. */
  #word(word: string): number {
    for (let i = 0; i < word.length; i++) this.#name.bytes[i] = word.charCodeAt(i);
    return word.length;
  }

  /** Writes a number at `at` in decimal, and returns where it ends. */
  #number(at: number, value: number): number {
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let i = at + digits - 1; i >= at; i--) {
      this.#name.bytes[i] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
    return at + digits;
  }
}

import type { Uid } from '../../model/brand.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import type { Origin, UnknownOrigin } from '../../model/flow.ts';
import type { LinuxLibc } from '../../system/libc.ts';
import { type Attributor, unknownOrigin } from '../attributor.ts';
import { ExeResolver } from './exe.ts';
import { ProcReader } from './proc-reader.ts';
import { type ProcessEntry, ProcessTable } from './process-table.ts';
import { type Holder, RecentProcesses } from './recent.ts';
import { InodeScan, type ScanResult } from './scan.ts';
import { type FoundSocket, SocketFinder } from './socket-finder.ts';
import { findInTcpTables } from './tcp-table.ts';
import { LinuxUsers } from './users.ts';

/**
 * Attribution on Linux: the client's socket by its addresses (sock_diag), the process that holds it by its inode (/proc), and
 * what /proc says of that process. The user is that of the socket. Deadlines are on the clock of `performance.now()`.
 *
 * Not found, with the user known all the same: sockets whose process has ended, that live in another pid namespace's invisible
 * part, that are on their way between processes (SCM_RIGHTS) or registered with io_uring only, and the kernel's own.
 */
export class LinuxAttributor implements Attributor {
  readonly #hasDiag: boolean;
  readonly #sockets: SocketFinder;
  readonly #reader: ProcReader;
  readonly #exes: ExeResolver;
  readonly #table: ProcessTable;
  readonly #recent: RecentProcesses;
  readonly #scan: InodeScan;
  readonly #users = new LinuxUsers();

  /** `proxyPort` tells the loopback port that the kernel redirects to. */
  constructor(libc: LinuxLibc, proxyPort: () => number) {
    this.#hasDiag = SocketFinder.isSupported(libc);
    this.#sockets = new SocketFinder(libc, proxyPort);
    this.#reader = new ProcReader(libc);
    this.#exes = new ExeResolver(libc, this.#reader);
    this.#table = new ProcessTable(this.#reader, this.#exes);
    this.#recent = new RecentProcesses(this.#reader, this.#table);
    this.#scan = new InodeScan(this.#reader);
  }

  lookup(client: Endpoint, originalDst: Endpoint, deadlineMs: number): Origin | Promise<Origin> {
    if (!this.#hasDiag) return this.#lookupInTables(client, originalDst, deadlineMs);
    const socket = this.#sockets.find(client, originalDst);
    if (socket.kind !== 'found') return this.#withoutProcess(lostBecause(socket), uidOf(socket), deadlineMs);
    return this.#byInode(socket.uid, socket.inode, deadlineMs);
  }

  close(): void {
    this.#scan.close();
    this.#table.close();
    this.#reader.close();
    this.#sockets.close();
  }

  async #lookupInTables(client: Endpoint, originalDst: Endpoint, deadlineMs: number): Promise<Origin> {
    const row = await before(findInTcpTables(client, originalDst), deadlineMs, null);
    if (row === null) return unknownOrigin(performance.now() < deadlineMs ? 'socket_gone' : 'timed_out');
    if (row.inode === 0) return this.#withoutProcess('socket_gone', row.uid, deadlineMs);
    return this.#byInode(row.uid, row.inode, deadlineMs);
  }

  #byInode(uid: Uid, inode: number, deadlineMs: number): Origin | Promise<Origin> {
    const holder = this.#recent.find(uid, inode);
    return holder === null ? this.#search(uid, inode, deadlineMs) : this.#held(holder, uid, deadlineMs);
  }

  async #search(uid: Uid, inode: number, deadlineMs: number): Promise<Origin> {
    const result = await this.#scan.find(inode, uid, this.#recent.pidsOf(uid), deadlineMs);
    if (result.kind !== 'held') return this.#withoutProcess(unheldBecause(result), uid, deadlineMs);
    const entry = this.#table.get(result.pid);
    if (entry === null) return this.#withoutProcess('no_process', uid, deadlineMs);
    // The process may have become another program since it was searched, and closed the socket with that.
    if (result.fd >= 0 && this.#reader.socketOf(entry.dir, result.fd) !== inode) {
      return this.#withoutProcess('pid_reused', uid, deadlineMs);
    }
    return this.#held({ entry, fd: result.fd }, uid, deadlineMs);
  }

  #held(holder: Holder, uid: Uid, deadlineMs: number): Origin | Promise<Origin> {
    if (holder.fd >= 0) this.#recent.remember(uid, holder);
    return this.#describe(holder.entry, uid, deadlineMs);
  }

  #describe(entry: ProcessEntry, uid: Uid, deadlineMs: number): Origin | Promise<Origin> {
    const nowMs = performance.now();
    const parents = this.#table.parentsOf(entry, nowMs);
    const user = this.#users.name(uid, nowMs);
    const last = entry.origin;
    if (last !== null && last.uid === uid && last.user === user) return last;
    if (user instanceof Promise || !entry.pathIsSure)
      return this.#describeLater(entry, uid, user, deadlineMs);
    const origin: Origin = {
      pid: entry.pid,
      path: entry.path,
      name: entry.name,
      uid,
      user,
      parents,
      signer: null,
      responsiblePid: null,
      unknown: null,
    };
    entry.origin = origin;
    return origin;
  }

  /** Waits for what cannot be had at once: a user's name from another source, a file system that has to be asked. */
  async #describeLater(
    entry: ProcessEntry,
    uid: Uid,
    user: string | null | Promise<string | null>,
    deadlineMs: number,
  ): Promise<Origin> {
    const parents = this.#table.parentsOf(entry, performance.now());
    const { pid, name, path, exeLink } = entry;
    const compared = entry.pathIsSure || exeLink === null ? path : this.#compare(entry, exeLink);
    const [knownUser, knownPath] = await Promise.all([
      before(user, deadlineMs, null),
      before(compared, deadlineMs, null),
    ]);
    const why: UnknownOrigin = performance.now() < deadlineMs ? 'no_process' : 'timed_out';
    const unknown = knownPath === null && compared !== null ? why : null;
    const rest = { parents, signer: null, responsiblePid: null, unknown };
    return { pid, path: knownPath, name, uid, user: knownUser, ...rest };
  }

  async #compare(entry: ProcessEntry, exeLink: Uint8Array): Promise<string | null> {
    const path = await this.#exes.compare(entry, new TextDecoder().decode(exeLink));
    if (path !== null && entry.exeLink === exeLink) {
      entry.path = path;
      entry.pathIsSure = true;
      entry.origin = null;
    }
    return path;
  }

  #withoutProcess(why: UnknownOrigin, uid: Uid | null, deadlineMs: number): Origin | Promise<Origin> {
    const origin = unknownOrigin(why);
    if (uid === null) return origin;
    const user = this.#users.name(uid, performance.now());
    if (!(user instanceof Promise)) return { ...origin, uid, user };
    return before(user, deadlineMs, null).then((name) => ({ ...origin, uid, user: name }));
  }
}

function lostBecause(socket: Exclude<FoundSocket, { kind: 'found' }>): UnknownOrigin {
  return socket.kind === 'gone' ? 'socket_gone' : 'not_permitted';
}

function uidOf(socket: FoundSocket): Uid | null {
  return socket.kind === 'gone' ? socket.uid : null;
}

function unheldBecause(result: Exclude<ScanResult, { kind: 'held' }>): UnknownOrigin {
  return result.kind === 'nobody' ? 'no_process' : result.kind;
}

/** What `value` becomes until the deadline, else `otherwise`. */
async function before<T>(value: T | Promise<T>, deadlineMs: number, otherwise: T): Promise<T> {
  if (!(value instanceof Promise)) return value;
  const { promise: late, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(resolve, Math.max(0, deadlineMs - performance.now()), otherwise);
  const settled = await Promise.race([value, late]);
  clearTimeout(timer);
  return settled;
}

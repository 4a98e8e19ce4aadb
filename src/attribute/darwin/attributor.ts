import type { Endpoint } from '../../model/endpoint.ts';
import type { Origin } from '../../model/flow.ts';
import { type Attributor, unknownOrigin } from '../attributor.ts';
import type { PcbTable } from './pcb-table.ts';
import type { PcbRow, PcbWalk } from './pcblist.ts';
import type { DarwinPort } from './port.ts';
import { DarwinProcesses } from './process.ts';
import type { DarwinUsers } from './users.ts';

/** Later lists that are searched for a socket that was not in the first. */
const RETRIES = 2;

/**
 * Attribution on macOS: the client's socket by its four ends, the process by the pid in it (that of the program on whose
 * behalf it was made, when the kernel knows one), the rest from the kernel's word about that process.
 */
export class DarwinAttributor implements Attributor {
  readonly #processes: DarwinProcesses;

  /** `now` is the clock of the deadlines that `lookup` is given. */
  constructor(
    private readonly port: DarwinPort,
    private readonly pcbs: PcbTable,
    private readonly users: DarwinUsers,
    private readonly now: () => number,
  ) {
    this.#processes = new DarwinProcesses(port);
  }

  lookup(client: Endpoint, originalDst: Endpoint, deadlineMs: number): Origin | Promise<Origin> {
    if (!this.pcbs.crowded) {
      const origin = this.#fromWalk(this.pcbs.find(client, originalDst));
      if (origin !== null) return this.#withUser(origin, deadlineMs);
    }
    return this.#lookupLater(client, originalDst, deadlineMs);
  }

  close(): void {
    this.port.close();
  }

  async #lookupLater(client: Endpoint, originalDst: Endpoint, deadlineMs: number): Promise<Origin> {
    for (let attempt = 0; attempt < RETRIES; attempt++) {
      if (this.now() >= deadlineMs) return unknownOrigin('timed_out');
      const origin = this.#fromWalk(await this.pcbs.findLater(client, originalDst));
      if (origin !== null) return this.#withUser(origin, deadlineMs);
    }
    return unknownOrigin('socket_gone');
  }

  /** Null when the socket is not in the list and may be in a later one. */
  #fromWalk(walk: PcbWalk | null): Origin | null {
    if (walk === null) return unknownOrigin('not_permitted');
    const row = walk.rows[0];
    if (row !== undefined) return this.#describe(row);
    return walk.sound ? null : unknownOrigin('not_supported');
  }

  #describe(row: PcbRow): Origin {
    const pid = row.effectivePid ?? row.lastPid;
    if (pid === null) return { ...unknownOrigin('no_process'), uid: row.uid };
    let result = this.#processes.describe(pid);
    if (result.state === 'replaced') result = this.#processes.describe(pid);
    if (result.state === 'gone') return { ...unknownOrigin('no_process'), pid, uid: row.uid };
    if (result.state !== 'known') return { ...unknownOrigin('pid_reused'), uid: row.uid };
    const { process } = result;
    return { ...process, pid, uid: process.uid ?? row.uid, user: null, unknown: null };
  }

  #withUser(origin: Origin, deadlineMs: number): Origin | Promise<Origin> {
    if (origin.uid === null) return origin;
    const user = this.users.name(origin.uid);
    return user instanceof Promise ? this.#waitForUser(origin, user, deadlineMs) : { ...origin, user };
  }

  async #waitForUser(origin: Origin, asked: Promise<string | null>, deadlineMs: number): Promise<Origin> {
    const { promise: late, resolve } = Promise.withResolvers<null>();
    const timer = setTimeout(resolve, Math.max(0, deadlineMs - this.now()), null);
    const user = await Promise.race([asked, late]);
    clearTimeout(timer);
    return { ...origin, user };
  }
}

import type { DarwinPort } from '../../../src/attribute/darwin/port.ts';
import type { Pid } from '../../../src/model/brand.ts';
import {
  buildBsdInfo,
  buildCodeStatus,
  buildCodeText,
  buildPcblist,
  buildUniqueId,
  type FakeSocket,
} from './bytes.ts';

const VALID_AND_SIGNED = 0x20000001;

/** A process of the pretended Mac. */
export interface FakeProcess {
  readonly pid: number;
  readonly ppid: number;
  readonly uid: number;
  readonly path: string | null;
  readonly name: string;
  readonly uniqueId: bigint;
  readonly idVersion?: number;
  /** Code signing flags besides "valid" and "signed"; null for unsigned code. */
  readonly codeFlags?: number | null;
  readonly identity?: string;
  readonly team?: string;
  readonly responsible?: number;
}

/** A Mac in memory: answers every call with the bytes a kernel would give, from tables that a test may change at any time. */
export class FakeMac implements DarwinPort {
  sockets: FakeSocket[] | null = [];
  readonly processes = new Map<number, FakeProcess>();
  /** Called after each answer about a pid, so that a test can change the tables between two calls. */
  afterCall: (call: string) => void = () => {};
  listsTaken = 0;
  calls = 0;
  closed = false;
  /** Cuts what tcpSockets returns, as an unknown layout would look. */
  cutListAt: number | null = null;

  add(process: FakeProcess): void {
    this.processes.set(process.pid, process);
  }

  tcpSockets(): Uint8Array | null {
    this.listsTaken += 1;
    if (this.sockets === null) return null;
    const list = buildPcblist(this.sockets);
    return this.cutListAt === null ? list : list.subarray(0, this.cutListAt);
  }

  pidPath(pid: Pid): string | null {
    return this.#answer('path', this.processes.get(pid)?.path ?? null);
  }

  pidInfo(pid: Pid, flavor: number, sizeBytes: number): Uint8Array | null {
    const process = this.processes.get(pid);
    if (process === undefined) return this.#answer('info', null);
    const bytes =
      flavor === 17
        ? buildUniqueId(process.uniqueId, process.idVersion ?? 1)
        : buildBsdInfo({ ...process, comm: process.name });
    return this.#answer(flavor === 17 ? 'life' : 'info', bytes.length === sizeBytes ? bytes : null);
  }

  codeSigning(pid: Pid, operation: number, sizeBytes: number): Uint8Array | null {
    const process = this.processes.get(pid);
    if (process === undefined || process.codeFlags === null) return this.#answer('code', null);
    const text = operation === 11 ? process.identity : process.team;
    if (operation === 0) {
      return this.#answer('code', buildCodeStatus((process.codeFlags ?? 0) | VALID_AND_SIGNED));
    }
    return this.#answer('code', text === undefined ? null : buildCodeText(text).subarray(0, sizeBytes));
  }

  responsiblePid(pid: Pid): Pid | null {
    return this.#answer('responsible', (this.processes.get(pid)?.responsible ?? null) as Pid | null);
  }

  close(): void {
    this.closed = true;
  }

  #answer<T>(call: string, answer: T): T {
    this.calls += 1;
    this.afterCall(call);
    return answer;
  }
}

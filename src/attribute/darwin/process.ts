import { LRUCache } from 'lru-cache';
import type { Pid, Uid } from '../../model/brand.ts';
import type { Ancestor } from '../../model/flow.ts';
import type { DarwinPort } from './port.ts';
import {
  type BsdInfo,
  CS_BLOB_BYTES,
  CS_OPS,
  CS_STATUS_BYTES,
  decodeBsdInfo,
  decodeCodeStatus,
  decodeCodeText,
  decodeUniqueId,
  PROC_BSD_INFO,
  PROC_UNIQUE_ID,
  signerOf,
  type UniqueId,
} from './proc.ts';

const PARENTS_MAX = 16;
const KNOWN_MAX = 1_024;
const LAUNCHD = 1;

/** A process as far as the kernel would tell. */
export interface DarwinProcess {
  readonly path: string | null;
  readonly name: string | null;
  readonly uid: Uid | null;
  readonly parents: readonly Ancestor[];
  readonly signer: string | null;
  readonly responsiblePid: Pid | null;
}

/** A process, or why it could not be described. */
export type DarwinProcessResult =
  | { readonly state: 'known'; readonly process: DarwinProcess }
  | { readonly state: 'gone' }
  /** The pid went to another process while we looked. */
  | { readonly state: 'reused' }
  /** The process began to run another program while we looked: ask again. */
  | { readonly state: 'replaced' };

/** Describes processes, and remembers what cannot change within one life of a pid and one program. */
export class DarwinProcesses {
  readonly #known = new LRUCache<string, Omit<DarwinProcess, 'uid'>>({ max: KNOWN_MAX });

  constructor(private readonly port: DarwinPort) {}

  /** Some twenty system calls for a process not seen before, three for one that was. Never throws. */
  describe(pid: Pid): DarwinProcessResult {
    const before = this.#life(pid);
    if (before === null) return { state: 'gone' };
    const info = this.#info(pid);
    // The parent is in the key because an orphan gets another one.
    const key = `${before.uniqueId} ${before.idVersion} ${info?.parent ?? ''}`;
    const known = this.#known.get(key) ?? this.#read(pid, info);
    const after = this.#life(pid);
    if (after === null) return { state: 'gone' };
    if (after.uniqueId !== before.uniqueId) return { state: 'reused' };
    if (after.idVersion !== before.idVersion) return { state: 'replaced' };
    this.#known.set(key, known);
    return { state: 'known', process: { ...known, uid: info?.uid ?? null } };
  }

  #read(pid: Pid, info: BsdInfo | null): Omit<DarwinProcess, 'uid'> {
    const path = this.port.pidPath(pid);
    const responsible = this.port.responsiblePid(pid);
    return {
      path,
      name: nameOf(path, info),
      parents: this.#parents(info),
      signer: this.#signer(pid),
      responsiblePid: responsible === pid ? null : responsible,
    };
  }

  #parents(info: BsdInfo | null): Ancestor[] {
    const parents: Ancestor[] = [];
    let pid = info?.parent ?? null;
    while (pid !== null && pid > 0 && parents.length < PARENTS_MAX) {
      const parent = this.#info(pid);
      const path = this.port.pidPath(pid);
      parents.push({ pid, path, name: nameOf(path, parent) ?? `pid ${pid}` });
      pid = pid === LAUNCHD || parent === null ? null : parent.parent;
    }
    return parents;
  }

  #signer(pid: Pid): string | null {
    const read = (operation: number, sizeBytes: number) => this.port.codeSigning(pid, operation, sizeBytes);
    const status = read(CS_OPS.status, CS_STATUS_BYTES);
    const identity = read(CS_OPS.identity, CS_BLOB_BYTES);
    const team = read(CS_OPS.teamId, CS_BLOB_BYTES);
    return signerOf(
      status === null ? null : decodeCodeStatus(status),
      identity === null ? null : decodeCodeText(identity),
      team === null ? null : decodeCodeText(team),
    );
  }

  #info(pid: Pid): BsdInfo | null {
    const bytes = this.port.pidInfo(pid, PROC_BSD_INFO.flavor, PROC_BSD_INFO.bytes);
    return bytes === null ? null : decodeBsdInfo(bytes);
  }

  #life(pid: Pid): UniqueId | null {
    const bytes = this.port.pidInfo(pid, PROC_UNIQUE_ID.flavor, PROC_UNIQUE_ID.bytes);
    return bytes === null ? null : decodeUniqueId(bytes);
  }
}

function nameOf(path: string | null, info: BsdInfo | null): string | null {
  const file = path === null ? '' : path.slice(path.lastIndexOf('/') + 1);
  if (file !== '') return file;
  return info === null || info.name === '' ? null : info.name;
}

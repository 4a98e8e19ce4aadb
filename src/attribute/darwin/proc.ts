import type { Pid, Uid } from '../../model/brand.ts';

/** PROC_PIDTBSDINFO of proc_pidinfo(2) and the size of what it fills in (XNU bsd/sys/proc_info.h). */
export const PROC_BSD_INFO = { flavor: 3, bytes: 136 } as const;
/** PROC_PIDUNIQIDENTIFIERINFO, likewise. */
export const PROC_UNIQUE_ID = { flavor: 17, bytes: 56 } as const;

/** Operations of csops(2) (XNU bsd/sys/codesign.h). */
export const CS_OPS = { status: 0, identity: 11, teamId: 14 } as const;
/** Room for an identity or a team with its header; both are far shorter in practice. */
export const CS_BLOB_BYTES = 1_024;
/** A word of flags. */
export const CS_STATUS_BYTES = 4;

const BSD = {
  pid: 12,
  ppid: 16,
  uid: 20,
  comm: 48,
  commBytes: 16,
  name: 64,
  nameBytes: 32,
  startSec: 120,
  startUsec: 128,
};
const UNIQUE = { uniqueId: 16, idVersion: 32 };
const CS_HEADER_BYTES = 8;
const CS_VALID = 0x1;
const CS_ADHOC = 0x2;
const CS_PLATFORM_BINARY = 0x4000000;

/** What the kernel keeps of a process. */
export interface BsdInfo {
  readonly pid: Pid;
  readonly parent: Pid;
  /** Effective user id. */
  readonly uid: Uid;
  /** The kernel's name for it: 31 characters of pbi_name, else 15 of pbi_comm; empty when it has none. */
  readonly name: string;
  /** Microseconds since 1970. */
  readonly startedUs: bigint;
}

/** Tells one life of a pid from another: `uniqueId` is never used twice, `idVersion` grows at every exec. */
export interface UniqueId {
  readonly uniqueId: bigint;
  readonly idVersion: number;
}

/** What the kernel says of a process's signature. */
export interface CodeStatus {
  readonly valid: boolean;
  /** Signed by nobody: identity and team are then whatever the maker wrote. */
  readonly adHoc: boolean;
  /** Part of macOS. */
  readonly platform: boolean;
}

/** Decodes struct proc_bsdinfo; null when it is too short or says no pid. */
export function decodeBsdInfo(bytes: Uint8Array): BsdInfo | null {
  if (bytes.length < PROC_BSD_INFO.bytes) return null;
  const view = viewOf(bytes);
  const pid = view.getUint32(BSD.pid, true);
  if (pid === 0 || pid > 0x7fffffff) return null;
  const name = cString(bytes.subarray(BSD.name, BSD.name + BSD.nameBytes));
  return {
    pid: pid as Pid,
    parent: view.getUint32(BSD.ppid, true) as Pid,
    uid: view.getUint32(BSD.uid, true) as Uid,
    name: name === '' ? cString(bytes.subarray(BSD.comm, BSD.comm + BSD.commBytes)) : name,
    startedUs: view.getBigUint64(BSD.startSec, true) * 1_000_000n + view.getBigUint64(BSD.startUsec, true),
  };
}

/** Decodes struct proc_uniqidentifierinfo; null when it is too short. */
export function decodeUniqueId(bytes: Uint8Array): UniqueId | null {
  if (bytes.length < PROC_UNIQUE_ID.bytes) return null;
  const view = viewOf(bytes);
  return {
    uniqueId: view.getBigUint64(UNIQUE.uniqueId, true),
    idVersion: view.getInt32(UNIQUE.idVersion, true),
  };
}

/** Decodes what CS_OPS_STATUS fills in; null when it is too short. */
export function decodeCodeStatus(bytes: Uint8Array): CodeStatus | null {
  if (bytes.length < CS_STATUS_BYTES) return null;
  const flags = viewOf(bytes).getUint32(0, true);
  return {
    valid: (flags & CS_VALID) !== 0,
    adHoc: (flags & CS_ADHOC) !== 0,
    platform: (flags & CS_PLATFORM_BINARY) !== 0,
  };
}

/**
 * Decodes an identity or team: eight bytes of header, whose second word is the whole length in network order, then
 * characters up to a zero. Null when it is empty, or longer than its room.
 */
export function decodeCodeText(bytes: Uint8Array): string | null {
  if (bytes.length < CS_HEADER_BYTES) return null;
  const total = viewOf(bytes).getUint32(4);
  if (total <= CS_HEADER_BYTES || total > bytes.length) return null;
  const text = cString(bytes.subarray(CS_HEADER_BYTES, total));
  return text === '' ? null : text;
}

/**
 * The signer as one text: `TEAMID/identity` when a developer signed, `apple/identity` for a part of macOS. Null for
 * anything else: without a certificate behind it (ad hoc) an identity is whatever its maker wrote.
 */
export function signerOf(
  status: CodeStatus | null,
  identity: string | null,
  team: string | null,
): string | null {
  if (status === null || identity === null || !status.valid || status.adHoc) return null;
  if (status.platform) return `apple/${identity}`;
  return team === null ? null : `${team}/${identity}`;
}

const UTF8 = new TextDecoder();

/** Text up to the first zero byte, or all of it. */
function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return UTF8.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

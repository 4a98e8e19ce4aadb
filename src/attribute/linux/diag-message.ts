import type { Endpoint } from '../../model/endpoint.ts';
import { familyOf, writeIp } from '../../system/sockaddr.ts';

/** Size of a request: struct nlmsghdr (16) and struct inet_diag_req_v2 (56), linux/inet_diag.h. */
export const DIAG_REQUEST_BYTES = 72;

const HEADER_BYTES = 16;
const MESSAGE_BYTES = 72;
const NLM_F_REQUEST = 1;
const NLMSG_ERROR = 2;
const SOCK_DIAG_BY_FAMILY = 20;
const IPPROTO_TCP = 6;
const ALL_STATES = 0xffff_ffff;
const NO_COOKIE = 0xffff_ffff;
const TCP_SYN_RECV = 3;
const TCP_LISTEN = 10;
// Kept by the kernel after both sides closed; whatever state it gives for it.
const TIMER_TIME_WAIT = 3;

/** What the kernel said of one socket. */
export type DiagReply =
  /** `inode` is 0 when no process has it open any more; `uid` is then still that of the process that made it. */
  | { readonly kind: 'socket'; readonly inode: number; readonly uid: number }
  /** The kernel knows only the remains of a connection, or a listener on the same port. */
  | { readonly kind: 'remains' }
  | { readonly kind: 'error'; readonly errno: number }
  /** The answer to an earlier question. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'malformed' };

/** Writes the question for one TCP socket, by its own address and the address it dialled. */
export function writeDiagRequest(view: DataView, seq: number, local: Endpoint, remote: Endpoint): void {
  for (let i = 0; i < DIAG_REQUEST_BYTES; i += 4) view.setUint32(i, 0);
  view.setUint32(0, DIAG_REQUEST_BYTES, true);
  view.setUint16(4, SOCK_DIAG_BY_FAMILY, true);
  view.setUint16(6, NLM_F_REQUEST, true);
  view.setUint32(8, seq, true);
  view.setUint8(16, familyOf(remote.ip));
  view.setUint8(17, IPPROTO_TCP);
  view.setUint32(20, ALL_STATES, true);
  view.setUint16(24, local.port);
  view.setUint16(26, remote.port);
  writeIp(view, 28, local.ip);
  writeIp(view, 44, remote.ip);
  view.setUint32(64, NO_COOKIE, true);
  view.setUint32(68, NO_COOKIE, true);
}

/** Reads the first `sizeBytes` of `view` as the answer to question `seq`. */
export function readDiagReply(view: DataView, sizeBytes: number, seq: number): DiagReply {
  if (sizeBytes < HEADER_BYTES + 4 || view.byteLength < sizeBytes) return { kind: 'malformed' };
  if (view.getUint32(8, true) !== seq) return { kind: 'stale' };
  const type = view.getUint16(4, true);
  if (type === NLMSG_ERROR) return { kind: 'error', errno: -view.getInt32(HEADER_BYTES, true) };
  const length = view.getUint32(0, true);
  const isSocket =
    type === SOCK_DIAG_BY_FAMILY && length <= sizeBytes && length >= HEADER_BYTES + MESSAGE_BYTES;
  if (!isSocket) return { kind: 'malformed' };
  const state = view.getUint8(17);
  const timer = view.getUint8(18);
  // These carry no user: 0 would pass for root.
  if (timer === TIMER_TIME_WAIT || state === TCP_LISTEN || state === TCP_SYN_RECV) return { kind: 'remains' };
  return { kind: 'socket', uid: view.getUint32(80, true), inode: view.getUint32(84, true) };
}

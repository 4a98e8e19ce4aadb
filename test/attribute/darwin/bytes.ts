import type { Ip } from '../../../src/model/brand.ts';
import type { Endpoint } from '../../../src/model/endpoint.ts';
import { writeIp } from '../../../src/system/sockaddr.ts';

/*
 * Makes what a Mac's kernel would return, from the offset table of docs/facts/macos.md section 8. The numbers are written
 * here once more and not taken from the decoders, so that a slip in one of the two shows.
 */

/** One socket to put in a pcblist. */
export interface FakeSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly uid?: number;
  readonly lastPid?: number;
  readonly effectivePid?: number;
  readonly tcpState?: number;
}

/** `modern` is macOS 13 and later (616 bytes a socket), `before13` the shorter socket record (592 bytes). */
export type Layout = 'modern' | 'before13';

const roundUp8 = (bytes: number) => (bytes + 7) & ~7;

class Bytes {
  readonly buffer: ArrayBuffer;
  readonly view: DataView;
  end = 0;

  constructor(sizeBytes: number) {
    this.buffer = new ArrayBuffer(sizeBytes);
    this.view = new DataView(this.buffer);
  }

  /** Reserves a record and returns its offset. */
  record(bytes: number, kind: number): number {
    const at = this.end;
    this.view.setUint32(at, bytes, true);
    this.view.setUint32(at + 4, kind, true);
    this.end += roundUp8(bytes);
    return at;
  }
}

/** The bytes of sysctl net.inet.tcp.pcblist_n for these sockets. */
export function buildPcblist(sockets: readonly FakeSocket[], layout: Layout = 'modern'): Uint8Array {
  const out = new Bytes(2 * 24 + sockets.length * 616);
  generation(out, sockets.length);
  for (const socket of sockets) {
    pcbRecord(out, socket);
    socketRecord(out, socket, layout === 'modern' ? 104 : 76);
    out.record(32, 0x2);
    out.record(32, 0x4);
    out.record(136, 0x8);
    const tcp = out.record(layout === 'modern' ? 208 : 204, 0x20);
    out.view.setInt32(tcp + 36, socket.tcpState ?? 4, true);
  }
  generation(out, sockets.length);
  return new Uint8Array(out.buffer.slice(0, out.end));
}

function generation(out: Bytes, count: number): void {
  // The count stands where a record has its kind.
  const at = out.record(24, count);
  out.view.setBigUint64(at + 8, 77n, true);
  out.view.setBigUint64(at + 16, 78n, true);
}

function pcbRecord(out: Bytes, { local, remote }: FakeSocket): void {
  const at = out.record(104, 0x10);
  const v6 = local.ip.includes(':');
  out.view.setUint16(at + 16, remote.port);
  out.view.setUint16(at + 18, local.port);
  out.view.setUint8(at + 44, v6 ? 2 : 1);
  writeScoped(out.view, at + (v6 ? 48 : 60), remote.ip);
  writeScoped(out.view, at + (v6 ? 64 : 76), local.ip);
}

// As XNU does: the number of the interface (1 is lo0) inside a link-local address.
function writeScoped(view: DataView, at: number, ip: Ip): void {
  writeIp(view, at, ip);
  if (ip.startsWith('fe80:')) view.setUint16(at + 2, 1);
}

function socketRecord(out: Bytes, socket: FakeSocket, bytes: number): void {
  const at = out.record(bytes, 0x1);
  out.view.setUint32(at + 64, socket.uid ?? 501, true);
  out.view.setInt32(at + 68, socket.lastPid ?? 4242, true);
  out.view.setInt32(at + 72, socket.effectivePid ?? 0, true);
}

/** struct proc_bsdinfo. */
export function buildBsdInfo(fields: {
  pid: number;
  ppid: number;
  uid: number;
  comm: string;
  name: string;
  startSec?: number;
  startUsec?: number;
}): Uint8Array {
  const bytes = new Uint8Array(136);
  const view = new DataView(bytes.buffer);
  view.setUint32(12, fields.pid, true);
  view.setUint32(16, fields.ppid, true);
  view.setUint32(20, fields.uid, true);
  bytes.set(new TextEncoder().encode(fields.comm).subarray(0, 15), 48);
  bytes.set(new TextEncoder().encode(fields.name).subarray(0, 31), 64);
  view.setBigUint64(120, BigInt(fields.startSec ?? 0), true);
  view.setBigUint64(128, BigInt(fields.startUsec ?? 0), true);
  return bytes;
}

/** struct proc_uniqidentifierinfo. */
export function buildUniqueId(uniqueId: bigint, idVersion: number): Uint8Array {
  const bytes = new Uint8Array(56);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, uniqueId, true);
  view.setInt32(32, idVersion, true);
  return bytes;
}

/** What CS_OPS_IDENTITY and CS_OPS_TEAMID fill in, in a buffer with room to spare. */
export function buildCodeText(text: string): Uint8Array {
  const encoded = new TextEncoder().encode(text);
  const bytes = new Uint8Array(1_024);
  new DataView(bytes.buffer).setUint32(4, 8 + encoded.length + 1);
  bytes.set(encoded, 8);
  return bytes;
}

/** What CS_OPS_STATUS fills in. */
export function buildCodeStatus(flags: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, flags, true);
  return bytes;
}

/** struct pfioc_natlook as the kernel hands it back. */
export function buildNatlookReply(dialled: Endpoint): Uint8Array {
  const bytes = new Uint8Array(84);
  const view = new DataView(bytes.buffer);
  writeIp(view, 48, dialled.ip);
  view.setUint16(76, dialled.port);
  view.setUint8(80, dialled.ip.includes(':') ? 30 : 2);
  view.setUint8(81, 6);
  view.setUint8(83, 2);
  return bytes;
}

/** An endpoint from text, for tests. */
export function at(ip: string, port: number): Endpoint {
  return { ip: ip as Ip, port };
}

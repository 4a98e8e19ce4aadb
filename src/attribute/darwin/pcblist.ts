import type { Ip, Pid, Uid } from '../../model/brand.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { readIpv4, readIpv6, writeIp } from '../../system/sockaddr.ts';

/*
 * Reads what the sysctl net.inet.tcp.pcblist_n returns (XNU bsd/netinet/in_pcblist.c): a struct xinpgen, then for every
 * socket a run of records, each `u32 length, u32 kind` and its fields, padded to 8 bytes, then another xinpgen.
 * The size of a record differs between versions of macOS, so records are found by length and kind alone, and a field is
 * read only where its record reaches that far. Integers are little endian, ports and addresses in network order.
 */
const GENERATION_BYTES = 24;
const KIND_SOCKET = 0x1;
const KIND_PCB = 0x10;
const KIND_TCP = 0x20;

const PCB = { fport: 16, lport: 18, vflag: 44, faddr6: 48, faddr4: 60, laddr6: 64, laddr4: 76, minBytes: 80 };
const SOCKET = { uid: 64, lastPid: 68, effectivePid: 72, minBytes: 76 };
const TCP = { state: 36, minBytes: 40 };
const VFLAG_IPV4 = 1;

/** One TCP socket of this machine, as its owner sees it: `remote` is what the program dialled, whatever pf did since. */
export interface PcbRow {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly uid: Uid | null;
  /** The last process that used the socket; null when the record does not say. */
  readonly lastPid: Pid | null;
  /** The process on whose behalf it is used, when the kernel was told of one; else null. */
  readonly effectivePid: Pid | null;
  /** TCPS_* of netinet/tcp_fsm.h (2 SYN_SENT, 4 ESTABLISHED); null when unknown. */
  readonly tcpState: number | null;
}

/** What a walk over the list found. `sound` is false when a record did not fit: the layout is not the one we know. */
export interface PcbWalk {
  readonly rows: readonly PcbRow[];
  readonly sockets: number;
  readonly sound: boolean;
}

/** A port of many sockets is unusual: past this many matches the rest is not decoded. */
const ROWS_MAX = 64;

/**
 * The sockets whose own end is `local`, several when a program shares a port between connections. With `remote`, only
 * those that were dialled to it. Linear in the size of the list; other sockets cost a comparison of two bytes. Never throws.
 */
export function findPcbs(list: Uint8Array, local: Endpoint, remote: Endpoint | null): PcbWalk {
  const view = viewOf(list);
  const wanted = addressBytes(local.ip);
  const wantedRemote = remote === null ? null : addressBytes(remote.ip);
  const rows: PcbRow[] = [];
  const walk = walkSockets(view, (records) => {
    const { pcb } = records;
    if (view.getUint16(pcb + PCB.lport) !== local.port || rows.length >= ROWS_MAX) return;
    if (remote !== null && view.getUint16(pcb + PCB.fport) !== remote.port) return;
    const v4 = (view.getUint8(pcb + PCB.vflag) & VFLAG_IPV4) !== 0;
    if (!sameAddress(view, pcb + (v4 ? PCB.laddr4 : PCB.laddr6), v4, wanted)) return;
    if (wantedRemote !== null && !sameAddress(view, pcb + (v4 ? PCB.faddr4 : PCB.faddr6), v4, wantedRemote)) {
      return;
    }
    rows.push(decodeRow(view, records, v4));
  });
  return { rows, ...walk };
}

/** The length of every kind of record in the list, and how many of each: what `doctor` compares with the known layout. */
export function pcbRecordSizes(list: Uint8Array): ReadonlyMap<number, { bytes: number; count: number }> {
  const sizes = new Map<number, { bytes: number; count: number }>();
  const view = viewOf(list);
  walkRecords(view, (_at, bytes, kind) => {
    const known = sizes.get(kind);
    if (known === undefined) sizes.set(kind, { bytes, count: 1 });
    else known.count += 1;
  });
  return sizes;
}

interface SocketRecords {
  /** Offsets of the records of one socket; 0 where it has none. */
  pcb: number;
  socket: number;
  tcp: number;
}

function walkSockets(
  view: DataView,
  visit: (records: SocketRecords) => void,
): { sockets: number; sound: boolean } {
  const records: SocketRecords = { pcb: 0, socket: 0, tcp: 0 };
  let sockets = 0;
  const flush = (): void => {
    if (records.pcb === 0) return;
    sockets += 1;
    visit(records);
    records.pcb = 0;
    records.socket = 0;
    records.tcp = 0;
  };
  const sound = walkRecords(view, (at, bytes, kind) => {
    if (kind === KIND_PCB && bytes >= PCB.minBytes) {
      flush();
      records.pcb = at;
    } else if (kind === KIND_SOCKET && bytes >= SOCKET.minBytes) records.socket = at;
    else if (kind === KIND_TCP && bytes >= TCP.minBytes) records.tcp = at;
  });
  flush();
  return { sockets, sound };
}

/** Calls `visit` for every whole record, and tells whether the list ended as it should. */
function walkRecords(view: DataView, visit: (at: number, bytes: number, kind: number) => void): boolean {
  if (view.byteLength < GENERATION_BYTES) return false;
  let at = roundUp8(view.getUint32(0, true));
  if (at !== GENERATION_BYTES) return false;
  while (at + 8 <= view.byteLength) {
    const bytes = view.getUint32(at, true);
    // The closing xinpgen: its second field is a count, which can look like any kind, so its length must end the walk.
    if (bytes <= GENERATION_BYTES) return bytes === GENERATION_BYTES && at + bytes <= view.byteLength;
    if (at + bytes > view.byteLength) return false;
    visit(at, bytes, view.getUint32(at + 4, true));
    at += roundUp8(bytes);
  }
  return false;
}

function decodeRow(view: DataView, { pcb, socket, tcp }: SocketRecords, v4: boolean): PcbRow {
  const pidAt = (field: number): Pid | null => {
    const pid = socket === 0 ? 0 : view.getInt32(socket + field, true);
    return pid > 0 ? (pid as Pid) : null;
  };
  return {
    local: {
      ip: v4 ? readIpv4(view, pcb + PCB.laddr4) : readScopedIpv6(view, pcb + PCB.laddr6),
      port: view.getUint16(pcb + PCB.lport),
    },
    remote: {
      ip: v4 ? readIpv4(view, pcb + PCB.faddr4) : readScopedIpv6(view, pcb + PCB.faddr6),
      port: view.getUint16(pcb + PCB.fport),
    },
    uid: socket === 0 ? null : (view.getUint32(socket + SOCKET.uid, true) as Uid),
    lastPid: pidAt(SOCKET.lastPid),
    effectivePid: pidAt(SOCKET.effectivePid),
    tcpState: tcp === 0 ? null : view.getInt32(tcp + TCP.state, true),
  };
}

/** The address in network order: 4 bytes for IPv4, 16 for IPv6. */
function addressBytes(ip: Ip): Uint8Array {
  const bytes = new Uint8Array(16);
  return bytes.subarray(0, writeIp(new DataView(bytes.buffer), 0, ip));
}

function sameAddress(view: DataView, at: number, v4: boolean, wanted: Uint8Array): boolean {
  if (wanted.length !== (v4 ? 4 : 16)) return false;
  const linkLocal = isLinkLocal(view, at, v4);
  for (let i = 0; i < wanted.length; i++) {
    if (linkLocal && (i === 2 || i === 3)) continue;
    if (view.getUint8(at + i) !== wanted[i]) return false;
  }
  return true;
}

// XNU keeps the interface's number in bytes 2 and 3 of a link-local address.
function isLinkLocal(view: DataView, at: number, v4: boolean): boolean {
  return !v4 && (view.getUint16(at) & 0xffc0) === 0xfe80;
}

function readScopedIpv6(view: DataView, at: number): Ip {
  if (!isLinkLocal(view, at, false)) return readIpv6(view, at);
  const copy = new Uint8Array(16);
  for (let i = 0; i < 16; i++) copy[i] = i === 2 || i === 3 ? 0 : view.getUint8(at + i);
  return readIpv6(new DataView(copy.buffer), 0);
}

function roundUp8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}

function viewOf(list: Uint8Array): DataView {
  return new DataView(list.buffer, list.byteOffset, list.byteLength);
}

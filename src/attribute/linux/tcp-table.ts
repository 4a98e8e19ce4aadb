import { readFile } from 'node:fs/promises';
import type { Ip, Uid } from '../../model/brand.ts';
import type { Endpoint } from '../../model/endpoint.ts';
import { ipWords } from '../../model/ip.ts';

/** A row of /proc/net/tcp; `inode` is 0 when no process has the socket open any more. */
export interface TcpRow {
  readonly uid: Uid;
  readonly inode: number;
}

// The timer of what is kept after both sides closed, whatever its state; such rows have no user.
const TIME_WAIT = '03:';
const MAPPED_PREFIX = '0000000000000000FFFF0000';

/**
 * Finds a socket in the text tables of the kernel (proc_net_tcp(5)), for kernels without sock_diag. Reads them whole, in the
 * thread pool; null when the socket is not there. Never rejects.
 */
export async function findInTcpTables(local: Endpoint, remote: Endpoint): Promise<TcpRow | null> {
  const v6 = local.ip.includes(':');
  // An IPv6 socket that dialled an IPv4-mapped address stands in the IPv6 table.
  const tables = v6 ? ['/proc/net/tcp6'] : ['/proc/net/tcp', '/proc/net/tcp6'];
  for (const path of tables) {
    try {
      const row = findTcpRow(await readFile(path), local, remote, path.endsWith('6'));
      if (row !== null) return row;
    } catch {
      // This kernel has no such table, without IPv6 for instance.
    }
  }
  return null;
}

/** Finds the row of one socket in the bytes of such a table; `v6` is the form its addresses have. */
export function findTcpRow(table: Buffer, local: Endpoint, remote: Endpoint, v6: boolean): TcpRow | null {
  const at = table.indexOf(`: ${endText(local, v6)} ${endText(remote, v6)} `);
  if (at === -1) return null;
  const end = table.indexOf('\n', at);
  const fields = table
    .toString('latin1', at + 2, end === -1 ? table.length : end)
    .trim()
    .split(/\s+/);
  // local, remote, state, queues, timer, retransmits, uid, timeout, inode
  const [uid, inode] = [Number(fields[6] ?? Number.NaN), Number(fields[8] ?? Number.NaN)];
  if (
    fields[4]?.startsWith(TIME_WAIT) !== false ||
    !Number.isSafeInteger(uid) ||
    !Number.isSafeInteger(inode)
  )
    return null;
  return { uid: uid as Uid, inode };
}

function endText({ ip, port }: Endpoint, v6: boolean): string {
  const mapped = v6 && !ip.includes(':') ? MAPPED_PREFIX : '';
  return `${mapped}${ipText(ip)}:${hex(port, 4)}`;
}

/** Each 32-bit word as the processor reads it, lowest byte first on all machines we run on. */
function ipText(ip: Ip): string {
  const words = new Uint32Array(4);
  const count = ipWords(ip, words);
  let text = '';
  for (const word of words.subarray(0, count)) text += hex(swapBytes(word), 8);
  return text;
}

function swapBytes(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

import { hashFinish, hashText } from './feature-hash.ts';

/** The table is cut by the upper 16 bits of a name's hash. */
export const POPULAR_PREFIXES = 1 << 16;
/** Most names of one prefix; the trainer drops what is beyond. */
const MAX_A_PREFIX = 255;
/** Hash kind of the table. */
const KIND = 0x706f70;

/** Registrable domains known to be in wide use, as 32-bit hashes. A name not in it is found by accident 1 in 65,000 times. */
export interface PopularTable {
  /** Where the tails of each prefix begin; one entry more than prefixes. */
  readonly starts: Uint32Array;
  readonly tails: Uint16Array;
}

/** Puts the stored form (names a prefix, tails) into the form that is searched. */
export function popularTable(counts: Uint8Array, tails: Uint16Array): PopularTable {
  const starts = new Uint32Array(POPULAR_PREFIXES + 1);
  for (let i = 0; i < POPULAR_PREFIXES; i++) starts[i + 1] = (starts[i] ?? 0) + (counts[i] ?? 0);
  return { starts, tails };
}

/** Whether `host` from `start` on is in the table. */
export function isPopular(table: PopularTable, host: string, start: number): boolean {
  const hash = hashFinish(hashText(host, start, host.length), KIND);
  const prefix = hash >>> 16;
  const tail = hash & 0xffff;
  const end = table.starts[prefix + 1] ?? 0;
  for (let i = table.starts[prefix] ?? 0; i < end; i++) if (table.tails[i] === tail) return true;
  return false;
}

/** The stored form of a set of names; the trainer's half of `popularTable`. */
export function packPopular(domains: Iterable<string>): { counts: Uint8Array; tails: Uint16Array } {
  const hashes = new Set<number>();
  for (const domain of domains) hashes.add(hashFinish(hashText(domain, 0, domain.length), KIND));
  const counts = new Uint8Array(POPULAR_PREFIXES);
  const tails: number[] = [];
  for (const hash of Uint32Array.from(hashes).sort()) {
    const count = counts[hash >>> 16] ?? 0;
    if (count === MAX_A_PREFIX) continue;
    counts[hash >>> 16] = count + 1;
    tails.push(hash & 0xffff);
  }
  return { counts, tails: Uint16Array.from(tails) };
}

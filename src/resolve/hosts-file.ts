import { closeSync, openSync, readSync, statSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { Host, Ip } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';

/** A larger hosts file is read up to here. */
const MAX_BYTES = 4_194_304;
/** Names whose answer is kept; the least recently used goes first. */
const FOUND_NAMES = 8_192;

/** A look at the file holds for so long: at a thousand connections a second it would be most of what a name costs. */
const LOOK_EVERY_MS = 100;

const NONE: readonly Ip[] = [];

/**
 * The names of /etc/hosts, read again when the file changes (hosts(5)). Unreadable counts as empty. Only the lines that hold
 * a name asked for are parsed: many machines keep a hundred thousand names there, and all at once would take half a second.
 */
export class HostsFile {
  readonly #found = new LRUCache<Host, readonly Ip[]>({ max: FOUND_NAMES });
  #stamp = '';
  #text = '';
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly path: string) {}

  /** The addresses of a name, null for none; as the file was at most 100 ms ago, and after `refresh` as it is. */
  lookup(host: Host): readonly Ip[] | null {
    if (performance.now() - this.#lookedAtMs > LOOK_EVERY_MS) this.refresh();
    let ips = this.#found.get(host);
    if (ips === undefined) {
      ips = parseHosts(linesWith(this.#text, host)).get(host) ?? NONE;
      this.#found.set(host, ips);
    }
    return ips.length === 0 ? null : ips;
  }

  /** Looks at the file now; true when it has changed. */
  refresh(): boolean {
    this.#lookedAtMs = performance.now();
    const stat = statSync(this.path, { throwIfNoEntry: false });
    const stamp = stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (stamp === this.#stamp) return false;
    this.#found.clear();
    this.#text = stat?.isFile() ? readStart(this.path, stat.size).toLowerCase() : '';
    this.#stamp = stamp;
    return true;
  }
}

function readStart(path: string, sizeBytes: number): string {
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(Math.min(sizeBytes, MAX_BYTES));
      return bytes.toString('utf8', 0, readSync(fd, bytes));
    } finally {
      closeSync(fd);
    }
  } catch {
    return ''; // Replaced or removed this moment: the next change of its stamp has it read.
  }
}

/** The lines of lower-case text on which a name stands as a word of its own, with or without a closing dot. */
function linesWith(text: string, host: string): string {
  const lines: string[] = [];
  for (let at = text.indexOf(host); at >= 0; at = text.indexOf(host, at)) {
    const after = at + host.length + (text[at + host.length] === '.' ? 1 : 0);
    if (!isBreak(text[at - 1]) || !isBreak(text[after])) {
      at += host.length;
      continue;
    }
    const end = text.indexOf('\n', at);
    lines.push(text.slice(text.lastIndexOf('\n', at) + 1, end < 0 ? undefined : end));
    at = end < 0 ? text.length : end;
  }
  return lines.join('\n');
}

function isBreak(char: string | undefined): boolean {
  return char === undefined || char === '#' || /\s/.test(char);
}

/** Reads hosts(5) text; lines that make no sense are passed over, as the C library does. */
export function parseHosts(text: string): Map<Host, Ip[]> {
  const names = new Map<Host, Ip[]>();
  for (const line of text.split('\n')) {
    const [address, ...spellings] = (line.split('#', 1)[0] ?? '').trim().split(/\s+/);
    if (address === undefined || !ipaddr.isValid(address)) continue;
    const ip = ipaddr.process(address).toString() as Ip;
    for (const spelling of spellings) {
      const host = normalizeHost(spelling);
      if (host === null) continue;
      const ips = names.get(host);
      if (ips === undefined) names.set(host, [ip]);
      else if (!ips.includes(ip)) ips.push(ip);
    }
  }
  return names;
}

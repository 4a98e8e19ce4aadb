import { readFileSync, statSync } from 'node:fs';
import ipaddr from 'ipaddr.js';
import type { Host, Ip } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';

/** A larger hosts file is read up to here. */
const MAX_BYTES = 4_194_304;

/** The names of /etc/hosts, read again when the file changes (hosts(5)). Unreadable counts as empty. */
export class HostsFile {
  #stamp = '';
  #names = new Map<Host, Ip[]>();

  constructor(private readonly path: string) {}

  lookup(host: Host): readonly Ip[] | null {
    this.#refresh();
    return this.#names.get(host) ?? null;
  }

  #refresh(): void {
    const stat = statSync(this.path, { throwIfNoEntry: false });
    const stamp = stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#names = stat?.isFile()
      ? parseHosts(readFileSync(this.path, 'utf8').slice(0, MAX_BYTES))
      : new Map();
  }
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

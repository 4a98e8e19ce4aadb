import { Resolver } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import type { Host, Ip } from '../model/brand.ts';
import { HostsFile } from './hosts-file.ts';

/** Names kept; the least recently used goes first. */
const CACHE_NAMES = 8_192;
/** Addresses remembered of one name; the oldest goes first. Large rotating pools need more than one answer holds. */
const SEEN_MAX = 128;
/** How long an address still counts as the name's after an answer last held it. */
const SEEN_FOR_MS = 600_000;
const TTL_MIN_MS = 5_000;
const TTL_MAX_MS = 300_000;
const NEGATIVE_MS = 2_000;
const SERVER_TIMEOUT_MS = 1_500;
const SERVER_TRIES = 2;
/** getaddrinfo blocks a thread of the pool: at most so many at once, the rest go without. */
const FALLBACK_MAX = 2;

export type Family = 4 | 6;

/** What is known of a name, in milliseconds of a clock that nobody sets. */
interface Known {
  readonly current: readonly Ip[];
  readonly seen: Map<Ip, number>;
  readonly askedAtMs: number;
  readonly expiresAtMs: number;
}

/** Whether an address belongs to a name, and where else the name leads. */
export interface Verified {
  /** True when the dialled address is one of the name's. */
  readonly match: boolean;
  /** The name's addresses of the dialled family, empty when it has none. */
  readonly ips: readonly Ip[];
}

/** What the name-is-true rule asks; answers at once where it can, and never rejects. */
export interface Resolve {
  verify(host: Host, dialled: Ip): Verified | Promise<Verified>;
  /** The name's addresses of one family. */
  addresses(host: Host, family: Family): Promise<readonly Ip[]>;
}

/**
 * Resolves names for the name-is-true rule with the machine's own servers (resolv.conf, re-read when it changes) and
 * hosts file; what DNS does not know is asked once of the C library, which also knows mDNS and NSS sources. Answers are
 * cached by their TTL. Never blocks, never rejects.
 */
export class NameResolver implements Resolve {
  /** By name and family; what is asked for while it is being asked for is asked once. */
  readonly #cache = new LRUCache<string, Known, Asked>({
    max: CACHE_NAMES,
    ignoreFetchAbort: true,
    fetchMethod: (_id, known, { context }) => this.#refresh(context, known),
  });
  readonly #hosts: HostsFile;
  #servers: readonly string[] = [];
  #stamp = '';
  #fallbacks = 0;

  constructor(
    hosts = '/etc/hosts',
    private readonly resolvConf = '/etc/resolv.conf',
  ) {
    this.#hosts = new HostsFile(hosts);
  }

  /** Answers at once from the cache where it can. */
  verify(host: Host, dialled: Ip): Verified | Promise<Verified> {
    const known = this.#known(host, dialled);
    if (known?.match === true) return known;
    // A mismatch is believed of the hosts file as it is now only.
    const now = this.#hosts.refresh() ? this.#known(host, dialled) : known;
    return now ?? this.#ofServers(host, dialled);
  }

  /** A mismatch is believed of servers that were asked after the program had its address: names move before their time is over. */
  async #ofServers(host: Host, dialled: Ip): Promise<Verified> {
    const arrivedAtMs = performance.now();
    let known = await this.#fetch(host, familyOf(dialled));
    if (!known.seen.has(dialled) && known.askedAtMs < arrivedAtMs) {
      known = await this.#fetch(host, familyOf(dialled));
    }
    return { match: known.seen.has(dialled), ips: known.current };
  }

  /** What hosts file and cache say; null when DNS is to be asked. */
  #known(host: Host, dialled: Ip): Verified | null {
    const family = familyOf(dialled);
    const listed = this.#hosts.lookup(host);
    if (listed !== null) {
      const ips = listed.filter((ip) => familyOf(ip) === family);
      if (ips.length > 0) return { match: ips.includes(dialled), ips };
    }
    const known = this.#cache.get(key(host, family));
    if (known === undefined) return null;
    const now = performance.now();
    if (known.expiresAtMs <= now) void this.#fetch(host, family);
    const seenAtMs = known.seen.get(dialled) ?? Number.NEGATIVE_INFINITY;
    return seenAtMs > now - SEEN_FOR_MS ? { match: true, ips: known.current } : null;
  }

  async addresses(host: Host, family: Family): Promise<readonly Ip[]> {
    this.#hosts.refresh();
    const listed = this.#hosts.lookup(host)?.filter((ip) => familyOf(ip) === family);
    if (listed !== undefined && listed.length > 0) return listed;
    const known = this.#cache.get(key(host, family));
    if (known !== undefined && known.expiresAtMs > performance.now()) return known.current;
    return (await this.#fetch(host, family)).current;
  }

  /** Asks anew, past what is known. */
  async #fetch(host: Host, family: Family): Promise<Known> {
    const context = { host, family };
    return (
      (await this.#cache.fetch(key(host, family), { context, forceRefresh: true })) ??
      remembered(NOTHING, performance.now())
    );
  }

  async #refresh({ host, family }: Asked, known: Known | undefined): Promise<Known> {
    const askedAtMs = performance.now();
    // A resolv.conf that cannot be read or used: as if no server had answered.
    return remembered(await this.#ask(host, family).catch(() => NOTHING), askedAtMs, known);
  }

  async #ask(host: Host, family: Family): Promise<Answer> {
    if (process.platform === 'darwin') return systemLookup(host, family, 'system');
    const answer = await this.#askServers(host, family);
    if (answer.ips.length > 0 || this.#fallbacks >= FALLBACK_MAX) return answer;
    this.#fallbacks++;
    try {
      return await systemLookup(host, family, 'libc');
    } finally {
      this.#fallbacks--;
    }
  }

  #askServers(host: Host, family: Family): Promise<Answer> {
    const resolver = this.#newResolver();
    return new Promise((resolve) => {
      const done = (error: Error | null, records?: readonly { address: string; ttl: number }[]): void => {
        if (error !== null || records === undefined) {
          resolve(NOTHING);
          return;
        }
        const ttls = records.map((record) => record.ttl * 1_000);
        resolve({
          ips: records.map((record) => canonicalIp(record.address)),
          ttlMs: Math.min(...ttls, TTL_MAX_MS),
        });
      };
      if (family === 4) resolver.resolve4(host, { ttl: true }, done);
      else resolver.resolve6(host, { ttl: true }, done);
    });
  }

  /**
   * A resolver with the servers that resolv.conf names now: networks change under a running engine. A new one each time: c-ares keeps
   * answers in the resolver for all their time and cannot be told not to, but a name may have moved before that is over.
   */
  #newResolver(): Resolver {
    const stat = statSync(this.resolvConf, { throwIfNoEntry: false });
    const stamp = stat === undefined ? 'none' : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (stamp !== this.#stamp) {
      this.#servers = stat === undefined ? [] : parseResolvConf(readFileSync(this.resolvConf, 'utf8'));
      this.#stamp = stamp;
    }
    const resolver = new Resolver({ timeout: SERVER_TIMEOUT_MS, tries: SERVER_TRIES });
    if (this.#servers.length > 0) resolver.setServers(this.#servers);
    return resolver;
  }
}

interface Asked {
  readonly host: Host;
  readonly family: Family;
}

interface Answer {
  readonly ips: readonly Ip[];
  readonly ttlMs: number;
}

const NOTHING: Answer = { ips: [], ttlMs: NEGATIVE_MS };

/** An answer joined to what was known before. */
function remembered(answer: Answer, askedAtMs: number, before?: Known): Known {
  const now = performance.now();
  const seen = before?.seen ?? new Map<Ip, number>();
  for (const ip of answer.ips) {
    seen.delete(ip);
    seen.set(ip, now);
  }
  for (const [ip, at] of seen) {
    if (seen.size <= SEEN_MAX && at > now - SEEN_FOR_MS) break;
    seen.delete(ip);
  }
  const keptMs = answer.ips.length === 0 ? NEGATIVE_MS : Math.max(TTL_MIN_MS, answer.ttlMs);
  return { current: answer.ips, seen, askedAtMs, expiresAtMs: now + keptMs };
}

async function systemLookup(host: Host, family: Family, backend: 'libc' | 'system'): Promise<Answer> {
  try {
    const found = await Bun.dns.lookup(host, { family, backend, socketType: 'tcp' });
    return { ips: found.map((record) => canonicalIp(record.address)), ttlMs: TTL_MIN_MS };
  } catch {
    // "not found" and "no server" are the same to the caller: the name has no address now.
    return NOTHING;
  }
}

/** The name servers of resolv.conf(5) text, in order. */
export function parseResolvConf(text: string): string[] {
  const servers: string[] = [];
  for (const line of text.split('\n')) {
    const [word, address] = line.trim().split(/\s+/);
    // Only an IPv6 address may name the interface it is reached by.
    if (word === 'nameserver' && address !== undefined && isIP(address) !== 0) servers.push(address);
  }
  return servers;
}

/** Canonical text of an address in any spelling; IPv4-mapped IPv6 becomes IPv4. Throws on what is no address. */
function canonicalIp(text: string): Ip {
  return ipaddr.process(text.split('%', 1)[0] ?? text).toString() as Ip;
}

/** Of a canonical address. */
export function familyOf(ip: Ip): Family {
  return ip.includes(':') ? 6 : 4;
}

function key(host: Host, family: Family): string {
  return family === 4 ? `4${host}` : `6${host}`;
}

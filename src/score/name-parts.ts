import { parse } from 'tldts';
import type { Host, RegistrableDomain } from '../model/brand.ts';

/** Where a host runs, when that says something about who chose its labels. */
type HostedBy =
  | 'none' // an ordinary registered name
  | 'platform' // a customer's label under a hosting or dynamic-DNS suffix
  | 'provider'; // a CDN or cloud zone: labels made by machines that belong to a known operator

/** A host taken apart. Offsets count characters of `host`; ends are exclusive. */
export interface NameParts {
  readonly host: Host;
  /** One label below the public suffix (private section and platform table included); null when there is none. */
  readonly registrableDomain: RegistrableDomain | null;
  /** The public suffix, or the platform's domain for a name under one. */
  readonly suffix: string;
  /** First character of the suffix. */
  readonly suffixStart: number;
  /** The label the models judge: the registrable one, or the customer's under a platform. */
  readonly labelStart: number;
  readonly labelEnd: number;
  /** Labels to the left of the registrable domain, `www` not counted. */
  readonly subdomains: number;
  readonly hostedBy: HostedBy;
}

/** The tables that say what a suffix is; see `lists/score/`. */
export interface SuffixTables {
  /** Domains whose customers get a label below them, beside the private section of the public suffix list. */
  readonly platforms: ReadonlySet<string>;
  /** Domains of CDN and cloud operators; matched by label suffix. */
  readonly providers: ReadonlySet<string>;
}

// The host is normalized already, so tldts is told to look nothing else up.
const TLDTS_OPTIONS = {
  allowPrivateDomains: true,
  detectIp: false,
  extractHostname: false,
  mixedInputs: false,
  validateHostname: false,
};

/** Takes a host apart by the public suffix list and the tables. About one microsecond; never throws. */
export function nameParts(host: Host, tables: SuffixTables): NameParts {
  const parsed = parse(host, TLDTS_OPTIONS);
  let suffix = parsed.publicSuffix ?? lastLabel(host);
  let domain = parsed.domain;
  let platform = parsed.isPrivate === true;
  if (domain !== null && tables.platforms.has(domain)) {
    platform = true;
    suffix = domain;
    domain = domain.length < host.length ? oneLabelMore(host, domain) : domain;
  }
  const provider = isUnder(host, domain ?? suffix, tables.providers);
  return cut(host, domain, suffix, provider ? 'provider' : platform ? 'platform' : 'none');
}

function cut(host: Host, domain: string | null, suffix: string, hostedBy: HostedBy): NameParts {
  const own = domain ?? host;
  const labelStart = host.length - own.length;
  const dot = own.indexOf('.');
  const labelEnd = labelStart + (dot < 0 ? own.length : dot);
  return {
    host,
    registrableDomain: domain as RegistrableDomain | null,
    suffix,
    suffixStart: Math.min(host.length, labelEnd + 1),
    labelStart,
    labelEnd,
    subdomains: countSubdomains(host, labelStart),
    hostedBy,
  };
}

function lastLabel(host: string): string {
  return host.slice(host.lastIndexOf('.') + 1);
}

function oneLabelMore(host: string, domain: string): string {
  const before = host.length - domain.length - 1;
  return host.slice(host.lastIndexOf('.', before - 1) + 1);
}

function countSubdomains(host: string, labelStart: number): number {
  let count = 0;
  for (let i = host.startsWith('www.') ? 4 : 0; i < labelStart; i++) if (host.charCodeAt(i) === 0x2e) count++;
  return count;
}

/** Whether the name or a parent of it is in the set; only the part from `from` leftwards in meaning is walked. */
function isUnder(host: string, from: string, set: ReadonlySet<string>): boolean {
  let at = host.length - from.length;
  while (at >= 0 && at < host.length) {
    if (set.has(host.slice(at))) return true;
    const dot = host.indexOf('.', at);
    if (dot < 0) return false;
    at = dot + 1;
  }
  return false;
}

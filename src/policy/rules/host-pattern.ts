import { parse } from 'tldts';
import type { Host } from '../../model/brand.ts';
import { cleanText } from '../../model/clean.ts';
import { normalizeHost } from '../../model/host.ts';
import { type IpRange, parseIpRange, rangeText } from '../../model/ip.ts';
import { assertNever } from '../../model/never.ts';
import type { HostPattern } from '../../model/rule.ts';

/** A host pattern, read. `under` is a name and all below it, `below` only what is below. */
export type Pattern =
  | { readonly kind: 'exact' | 'below' | 'under'; readonly host: Host }
  | { readonly kind: 'range'; readonly range: IpRange }
  | { readonly kind: 'any' };

export type ReadPattern =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly error: string };

const PATTERN_MAX_CHARS = 1_024;
const SHOWN_CHARS = 60;
const TLDTS = { allowPrivateDomains: false, extractHostname: false, validateHostname: false };

/**
 * Reads a host pattern in any spelling. A public suffix alone (`com`, `co.uk`) is refused, since the name of no one's site
 * is nearly always a slip; `*.com` says that all of it is meant, `=com` that only the bare name is. Suffixes of the
 * list's private section (`github.io`) are names like any other. The error is one lower-case sentence with the remedy.
 */
export function parsePattern(text: string): ReadPattern {
  if (text === '*') return { ok: true, pattern: { kind: 'any' } };
  if (text === '' || text.length > PATTERN_MAX_CHARS) {
    return refuse(text, 'expected a host name, *.name, =name, an address, a range or *');
  }
  if (text.includes('://')) return refuse(text, 'write only the host of the URL');
  if (text.startsWith('=')) return namePattern('exact', text, text.slice(1));
  if (text.startsWith('*.')) return namePattern('below', text, text.slice(2));
  if (text.includes('*')) return refuse(text, 'a star stands for whole labels: write *.name, or * alone');
  if (looksLikeAddress(text)) return rangePattern(text);
  return namePattern('under', text, text);
}

/** The one text of a pattern: two patterns cover the same hosts when their texts are equal. */
export function patternText(pattern: Pattern): HostPattern {
  switch (pattern.kind) {
    case 'exact':
      return `=${pattern.host}`;
    case 'below':
      return `*.${pattern.host}`;
    case 'under':
      return pattern.host;
    case 'range':
      return rangeText(pattern.range);
    case 'any':
      return '*';
    default:
      return assertNever(pattern);
  }
}

/** True for text that can only be meant as an address or a range: it has a colon or slash, or its last label is a number. */
function looksLikeAddress(text: string): boolean {
  return text.includes(':') || text.includes('/') || /(^|\.)\d+\.?$/.test(text);
}

function namePattern(kind: 'exact' | 'below' | 'under', text: string, name: string): ReadPattern {
  if (parseIpRange(name).ok) return refuse(text, 'an address takes no = and no *.: write it alone');
  const host = normalizeHost(name);
  if (host === null) return refuse(text, 'not a host name');
  if (kind === 'under' && isPublicSuffix(host)) {
    return refuse(text, `a public suffix: write *.${host} if every name under it is meant`);
  }
  return { ok: true, pattern: { kind, host } };
}

function rangePattern(text: string): ReadPattern {
  const read = parseIpRange(text);
  if (read.ok) return { ok: true, pattern: { kind: 'range', range: read.range } };
  const [, name = '', rest = ''] = /^([^/:]*)(\/.*|:\d*)$/s.exec(text) ?? [];
  if (looksLikeAddress(name) || normalizeHost(name) === null) return refuse(text, read.error);
  const what = rest.startsWith('/')
    ? 'only addresses take a /length, and a host has no path'
    : 'a pattern has no port';
  return refuse(text, `${what}: write ${name}`);
}

function isPublicSuffix(host: Host): boolean {
  const { publicSuffix, isIcann } = parse(host, TLDTS);
  return isIcann === true && publicSuffix === host;
}

function refuse(text: string, why: string): ReadPattern {
  return { ok: false, error: `"${cleanText(text, SHOWN_CHARS)}": ${why}` };
}

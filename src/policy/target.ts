import { cleanText } from '../model/clean.ts';
import type { HostPattern } from '../model/rule.ts';
import { type Pattern, parsePattern, patternText } from './rules/host-pattern.ts';

/** What a person wrote after `allow`, `block` or `explain`: `host` is the canonical text of `pattern`. */
export type ReadTarget =
  | { readonly ok: true; readonly host: HostPattern; readonly pattern: Pattern; readonly port: number | null }
  | { readonly ok: false; readonly error: string };

const TARGET_MAX_CHARS = 1_100;
const SHOWN_CHARS = 60;

/**
 * Reads `HOST`, `HOST:PORT`, `[ADDRESS]:PORT` or `RANGE`, where HOST is any host pattern. Text with two colons or more and
 * no brackets is an IPv6 address without a port. A URL is refused with the target it stands for.
 */
export function parseTarget(text: string): ReadTarget {
  if (text.length > TARGET_MAX_CHARS) return refuse(text, 'too long for a host and a port');
  if (text.includes('://')) return refuseUrl(text);
  const split = splitPort(text);
  if (split === null) return refuse(text, 'expected an address in the brackets, then nothing or :PORT');
  const port = split.port === null ? null : portOf(split.port);
  if (port === undefined) return refuse(text, 'the port must be a number from 1 to 65535');
  const read = parsePattern(split.host);
  return read.ok ? { ok: true, host: patternText(read.pattern), pattern: read.pattern, port } : read;
}

function splitPort(text: string): { readonly host: string; readonly port: string | null } | null {
  if (text.startsWith('[')) {
    const [, host = '', , port] = /^\[([^[\]]*:[^[\]]*)\](:(.*))?$/s.exec(text) ?? [];
    return host === '' ? null : { host, port: port ?? null };
  }
  const at = text.indexOf(':');
  if (at === -1 || at !== text.lastIndexOf(':')) return { host: text, port: null };
  return { host: text.slice(0, at), port: text.slice(at + 1) };
}

/** Undefined when the text is no port. */
function portOf(text: string): number | undefined {
  const port = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : 0;
  return port > 0 && port <= 65_535 ? port : undefined;
}

function refuseUrl(text: string): ReadTarget {
  const url = URL.parse(text);
  const host = url === null || url.hostname === '' ? 'the host alone' : url.hostname;
  const port = url === null || url.port === '' ? '' : `:${url.port}`;
  return refuse(
    text,
    `a URL, and only its host can be ruled on: write ${cleanText(host + port, SHOWN_CHARS)}`,
  );
}

function refuse(text: string, why: string): ReadTarget {
  return { ok: false, error: `"${cleanText(text, SHOWN_CHARS)}": ${why}` };
}

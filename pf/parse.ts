import type { Endpoint } from '../src/model/endpoint.ts';
import { parseIp } from '../src/model/ip.ts';

/** A reference that keeps pf enabled: an unsigned 64-bit number, as text because it does not fit a JavaScript number. */
const TOKEN = /^[0-9]{1,20}$/;

/** The token in what `pfctl -E` prints on stderr (`Token : 15305728931839270021`); null when there is none. */
export function parseToken(stderr: string): string | null {
  const token = /^Token\s*:\s*([0-9]+)\s*$/m.exec(stderr)?.[1];
  return token !== undefined && TOKEN.test(token) ? token : null;
}

/** True for text that `pfctl -X` may be given. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** One holder of a reference, as `pfctl -s References` lists it. */
export interface PfReference {
  /** The process that took it, often a pfctl that has long ended. */
  readonly pid: number;
  readonly process: string;
  readonly token: string;
}

/** Reads the table of `pfctl -s References`; lines that are not rows of it are passed over. */
export function parseReferences(stdout: string): readonly PfReference[] {
  const references: PfReference[] = [];
  for (const line of stdout.split('\n')) {
    const row = /^\s*([0-9]{1,10})\s+(\S.*?)\s+([0-9]{1,20})\s+\S/.exec(line);
    const [, pid, process, token] = row ?? [];
    if (pid === undefined || process === undefined || token === undefined) continue;
    references.push({ pid: Number(pid), process, token });
  }
  return references;
}

/** Whether pf is on, from `pfctl -s info`; null when the status line is missing. */
export function parseEnabled(stdout: string): boolean | null {
  const status = /^Status:\s+(Enabled|Disabled)\b/m.exec(stdout)?.[1];
  return status === undefined ? null : status === 'Enabled';
}

/** The connections that pf keeps track of, from `pfctl -s info`; null when it does not tell. */
export function parseStates(stdout: string): number | null {
  const states = /^\s+current entries\s+([0-9]{1,10})\b/m.exec(stdout)?.[1];
  return states === undefined ? null : Number(states);
}

/** How many of them there may be, from `pfctl -s memory`; null when it does not tell. */
export function parseStateLimit(stdout: string): number | null {
  const limit = /^states\s+hard limit\s+([0-9]{1,10})\b/m.exec(stdout)?.[1];
  return limit === undefined ? null : Number(limit);
}

/** True when `pfctl -sr` (`anchor`) or `pfctl -sn` (`rdr-anchor`) shows that anchors below com.apple are evaluated. */
export function referencesAppleAnchors(stdout: string, keyword: 'anchor' | 'rdr-anchor'): boolean {
  return stdout.split('\n').some((line) => line.trimEnd().startsWith(`${keyword} "com.apple/*"`));
}

/** True when `pfctl -v -s Interfaces -i lo0` says that pf skips lo0, on which no redirect is then ever made. */
export function skipsLoopback(stdout: string): boolean {
  return /^(lo0|lo)\s+\(skip\)/m.test(stdout);
}

/** The rules in what `pfctl -s rules` or `-s nat` prints. */
export function parseRules(stdout: string): readonly string[] {
  return stdout
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** One redirected connection in `pfctl -s state`. */
export interface RedirectState {
  readonly proxy: Endpoint;
  readonly dialled: Endpoint;
  readonly client: Endpoint;
}

/**
 * Reads a line such as `ALL tcp 127.0.0.1:7893 <- 203.0.113.9:443 <- 192.0.2.5:49607  ESTABLISHED:ESTABLISHED`;
 * IPv6 ends are written `2001:db8::1[443]`. Null for every other line, those of connections without a redirect included.
 */
export function parseRedirectState(line: string): RedirectState | null {
  const row = /^\S+ tcp (\S+) <- (\S+) <- (\S+)\s+[A-Z_0-9]+:[A-Z_0-9]+\s*$/.exec(line);
  const [proxy, dialled, client] = (row ?? []).slice(1).map(parseEnd);
  return proxy && dialled && client ? { proxy, dialled, client } : null;
}

function parseEnd(text: string): Endpoint | null {
  const [, ip, port] =
    /^([0-9a-f:.]+)\[([0-9]{1,5})\]$/.exec(text) ?? /^([0-9.]+):([0-9]{1,5})$/.exec(text) ?? [];
  const address = ip === undefined ? null : parseIp(ip);
  return address === null || Number(port) > 65_535 ? null : { ip: address, port: Number(port) };
}

/**
 * Reads `dscl . -list /Groups PrimaryGroupID` (or of /Users): a name and a number a line. Lines without a number in
 * the range of a gid are passed over.
 */
export function parseDsclNumbers(stdout: string): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const line of stdout.split('\n')) {
    const [, name, number] = /^(\S+)\s+(-?[0-9]{1,10})\s*$/.exec(line) ?? [];
    if (name !== undefined && Math.abs(Number(number)) <= 0xffffffff) numbers.set(name, Number(number));
  }
  return numbers;
}

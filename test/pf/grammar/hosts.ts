import ipaddr from 'ipaddr.js';
import { accept, type Cursor, expect, fail, found, listOf, peek, quote, take } from './cursor.ts';

/** An address family by its version of IP. */
export type Family = 4 | 6;

/** What a rule says, as far as its parts must fit each other. */
export interface RuleFacts {
  af: Family | null;
  protos: string[];
  /** Families of the literal addresses behind `from`, `to`, and behind `->` or `route-to`. */
  from: Family[];
  to: Family[];
  target: Family[];
  hasPort: boolean;
  hasOwner: boolean;
  hasFlags: boolean;
}

/** A rule of which nothing is known yet. */
export function noFacts(): RuleFacts {
  return {
    af: null,
    protos: [],
    from: [],
    to: [],
    target: [],
    hasPort: false,
    hasOwner: false,
    hasFlags: false,
  };
}

/** pf's limit for a table name (PF_TABLE_NAME_SIZE less its end). */
export const TABLE_NAME_MAX_CHARS = 31;

const ADDRESS_MAX_CHARS = 64;
const SERVICES = new Set(['http', 'https', 'domain', 'ssh', 'smtp']);
const PROTOS = new Set(['tcp', 'udp', 'icmp', 'icmp6', 'ipv6-icmp', 'igmp', 'esp', 'ah', 'gre']);
// The accounts that every Mac has; any other name may be missing where the text is loaded.
const USERS = new Set(['root', 'nobody', 'daemon', 'unknown']);
const INTERFACE = /^[a-z]+[0-9]+$/;
const MODIFIED_INTERFACE = /^[a-z]+[0-9]+:(network|broadcast|peer|0)$/;

/** The family of a literal address or range, null for anything else. */
export function familyOf(text: string): Family | null {
  if (text.length > ADDRESS_MAX_CHARS) return null;
  if (ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return 4;
  return ipaddr.IPv6.isValid(text) || ipaddr.IPv6.isValidCIDR(text) ? 6 : null;
}

/** `<name>`, which must have been defined above. */
function tableReference(cursor: Cursor, tables: ReadonlySet<string>): void {
  const name = take(cursor).text;
  expect(cursor, '>');
  if (!tables.has(name)) fail(cursor, `table <${name}> is used before it is defined`);
}

/** `all`, or `from` and `to` with their ports, each optional. */
export function hosts(cursor: Cursor, facts: RuleFacts, tables: ReadonlySet<string>): void {
  if (accept(cursor, 'all')) return;
  if (accept(cursor, 'from')) side(cursor, facts, facts.from, tables);
  if (accept(cursor, 'to')) side(cursor, facts, facts.to, tables);
}

function side(cursor: Cursor, facts: RuleFacts, families: Family[], tables: ReadonlySet<string>): void {
  if (peek(cursor).text !== 'port') {
    listOf(cursor, 'addresses', () => host(cursor, families, tables));
  }
  if (accept(cursor, 'port')) {
    facts.hasPort = true;
    listOf(cursor, 'ports', () => portItem(cursor));
  }
}

/** One address, table, interface or `any`. Names of hosts are refused: pf resolves them once, and one failure fails all. */
export function host(cursor: Cursor, families: Family[], tables: ReadonlySet<string>): void {
  accept(cursor, '!');
  if (accept(cursor, '<')) tableReference(cursor, tables);
  else if (accept(cursor, '(')) {
    interfaceName(cursor);
    expect(cursor, ')');
  } else if (!accept(cursor, 'any') && !accept(cursor, 'self')) address(cursor, families);
}

function address(cursor: Cursor, families: Family[]): void {
  if (peek(cursor).kind !== 'word') fail(cursor, `expected an address, found ${found(cursor)}`);
  const { text } = take(cursor);
  const family = familyOf(text);
  if (family !== null) families.push(family);
  else if (!INTERFACE.test(text) && !MODIFIED_INTERFACE.test(text)) {
    fail(
      cursor,
      `${quote(text)} is not an address, and a host name that fails to resolve fails the whole text`,
    );
  }
}

/** One exact interface name: XNU knows no groups and no wildcards, such a rule would never match. */
export function interfaceName(cursor: Cursor): void {
  const { text } = take(cursor);
  if (!INTERFACE.test(text))
    fail(cursor, `${quote(text)} is not the exact name of an interface, so it never matches`);
}

/** A number, range, service or comparison. */
export function portItem(cursor: Cursor): void {
  comparison(cursor, 'a port', (text) => {
    const [first, last, ...rest] = text.split(':').map(portNumber);
    if (first === undefined || first === null || last === null || rest.length > 0) {
      return `${quote(text)} is not a port (0 to 65535)`;
    }
    return last !== undefined && last < first ? `port range ${quote(text)} runs backwards` : null;
  });
}

function portNumber(text: string): number | null {
  if (SERVICES.has(text)) return 0;
  return /^[0-9]{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null;
}

/** `user` or `group` and what follows. */
export function owner(cursor: Cursor, kind: 'user' | 'group'): void {
  listOf(cursor, `${kind}s`, () =>
    comparison(cursor, `a ${kind}`, (text) => {
      if (/^[0-9]{1,10}$/.test(text)) return null;
      if (kind === 'group')
        return `group ${quote(text)} must be numeric: a missing name fails the whole text`;
      return USERS.has(text) ? null : `unknown user ${quote(text)}: write its number`;
    }),
  );
}

function comparison(cursor: Cursor, what: string, problemOf: (text: string) => string | null): void {
  for (const mark of ['=', '!=', '<=', '>=', '<', '>']) if (accept(cursor, mark)) break;
  value(cursor, what, problemOf);
  if (accept(cursor, '<>') || accept(cursor, '><')) value(cursor, what, problemOf);
}

function value(cursor: Cursor, what: string, problemOf: (text: string) => string | null): void {
  if (peek(cursor).kind !== 'word') fail(cursor, `expected ${what}, found ${found(cursor)}`);
  const problem = problemOf(take(cursor).text);
  if (problem !== null) fail(cursor, problem);
}

/** The names or numbers behind `proto`. */
export function protocols(cursor: Cursor, facts: RuleFacts): void {
  listOf(cursor, 'protocols', () => {
    const { text } = take(cursor);
    const numeric = /^[0-9]{1,3}$/.test(text) && Number(text) <= 255;
    if (!PROTOS.has(text) && !numeric) fail(cursor, `unknown protocol ${quote(text)}`);
    facts.protos.push(text === '6' ? 'tcp' : text === '17' ? 'udp' : text);
  });
}

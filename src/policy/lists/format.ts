import { parseRange } from '../hosts/ip-set.ts';
import type { EntrySink, ListFormat } from './entry.ts';
import { isCosmetic, parseAdblock } from './format-adblock.ts';
import { parseDnsmasq } from './format-dnsmasq.ts';
import { RpzParser } from './format-rpz.ts';
import { addName, bareAddress, isSinkAddress } from './name.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what this looks for
const BINARY = /[\u0000-\u0008\u000e-\u001f\ufffd]/;
/** A line that is one name or IPv4 address, as most are. */
const PLAIN = /^[\w.-]+$/;
const DNSMASQ = /^(?:address|server|local)=\//;
const RANKED = /^\d{1,10},/;
// Upper case only: in running text `a` and `in` are words.
const ZONE_LINE = /^(?:\$(?:TTL|ORIGIN)\b|\S*\s+(?:\d+\s+)?(?:IN\s+)?(?:CNAME|SOA|NS|A|AAAA|TXT)\s)/;
/** Names that every hosts file has for the machine itself. */
const OWN_NAMES =
  /^(?:localhost|localhost\.localdomain|local|broadcasthost|ip6-[a-z]+|localhost[46](?:\.localdomain[46])?)$/;

type Shape = Exclude<ListFormat, 'auto' | 'domains' | 'wildcard'> | 'plain';

/** Reads one list line by line. Never throws; whatever a line is, the sink is told or the line says nothing. */
export class LineParser {
  readonly #format: ListFormat;
  readonly #sink: EntrySink;
  readonly #rpz: RpzParser;
  #inZone: boolean;

  constructor(format: ListFormat, sink: EntrySink) {
    this.#format = format;
    this.#sink = sink;
    this.#rpz = new RpzParser(sink);
    this.#inZone = format === 'rpz';
  }

  line(text: string): void {
    const line = text.trim();
    if (PLAIN.test(line) && !this.#inZone) {
      this.#take('plain', line, text);
      return;
    }
    if (isComment(line)) return;
    // A comment may be in any encoding.
    const rule = this.#inZone ? line : withoutComment(line);
    if (BINARY.test(rule)) this.#sink.skip('binary');
    else if (this.#inZone) this.#rpz.line(text);
    else this.#take(shapeOf(rule), rule, text);
  }

  #take(shape: Shape, line: string, text: string): void {
    if (!this.#accepts(shape)) {
      this.#sink.skip('other_format');
      return;
    }
    switch (shape) {
      case 'rpz':
        this.#inZone = line.startsWith('$') || /\sSOA\s/i.test(line);
        this.#rpz.line(text);
        return;
      case 'adblock':
        parseAdblock(line, this.#sink);
        return;
      case 'dnsmasq':
        parseDnsmasq(line, this.#sink);
        return;
      case 'tranco':
        addName(line.slice(line.indexOf(',') + 1).trim(), 'listed', this.#sink);
        return;
      case 'hosts':
        parseHosts(line, this.#sink);
        return;
      case 'plain':
        parsePlain(line, this.#sink);
        return;
    }
  }

  #accepts(shape: Shape): boolean {
    switch (this.#format) {
      case 'auto':
        return true;
      // Lists of any format now and then have bare names in them; hosts files of some makers leave the address out.
      case 'hosts':
      case 'adblock':
      case 'dnsmasq':
        return shape === this.#format || shape === 'plain';
      case 'domains':
      case 'wildcard':
        return shape === 'plain';
      default:
        return shape === this.#format;
    }
  }
}

function shapeOf(line: string): Shape {
  const space = line.search(/\s/);
  if (space > 0 && isAddress(line.slice(0, space))) return 'hosts';
  if (/^(?:\||@@|\/|\*?:\/\/)/.test(line) || isCosmetic(line)) return 'adblock';
  if (DNSMASQ.test(line)) return 'dnsmasq';
  if (RANKED.test(line)) return 'tranco';
  if (ZONE_LINE.test(line)) return 'rpz';
  // No name or address has these characters in it.
  return /[\^$|]/.test(line) ? 'adblock' : 'plain';
}

function isAddress(text: string): boolean {
  return isSinkAddress(text) || parseRange(bareAddress(text)) !== null;
}

function isComment(line: string): boolean {
  const first = line.charCodeAt(0);
  if (Number.isNaN(first) || first === 0x21 || first === 0x3b) return true; // blank, `!`, `;`
  if (first === 0x23) return !/^#[@?$%]{0,3}#/.test(line) || /^#+$|^##+\s/.test(line); // `#`, but not `##.banner`
  return (first === 0x5b && line.indexOf(']') === line.length - 1) || line.startsWith('//');
}

/** Text up to a `#` or `;` that stands after white space: right behind a word it may be part of a rule (`x##.ad`, `address=/x/#`). */
function withoutComment(line: string): string {
  const hash = line.search(/\s[#;]/);
  return hash < 0 ? line : line.slice(0, hash).trimEnd();
}

/** A hosts file line: an address, then names. Only addresses that lead nowhere block. */
function parseHosts(line: string, sink: EntrySink): void {
  const [address = '', ...names] = upToHash(line).trimEnd().split(/\s+/);
  if (!isSinkAddress(address)) {
    if (names.some((name) => !OWN_NAMES.test(name))) sink.skip('redirect');
    return;
  }
  for (const name of names) {
    if (OWN_NAMES.test(name) || name === '0.0.0.0') continue;
    addName(name, 'listed', sink);
  }
}

function upToHash(text: string): string {
  const hash = text.indexOf('#');
  return hash < 0 ? text : text.slice(0, hash);
}

/** One name, address or range on a line. `*.x` and `.x` mean x and everything under it, as every maker of such lists does. */
function parsePlain(line: string, sink: EntrySink): void {
  const text = upToHash(line);
  if (text.includes('://')) {
    sink.skip('url');
    return;
  }
  if (/\s/.test(text)) {
    sink.skip('not_a_name');
    return;
  }
  const range = parseRange(text);
  if (range !== null) {
    sink.range(range, 'listed');
    return;
  }
  if (OWN_NAMES.test(text)) return;
  addName(text, 'listed', sink);
}

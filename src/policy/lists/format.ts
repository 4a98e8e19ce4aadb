import { parseRange } from '../hosts/ip-set.ts';
import type { EntrySink, ListFormat } from './entry.ts';
import { parseAdblock } from './format-adblock.ts';
import { parseDnsmasq } from './format-dnsmasq.ts';
import { RpzParser } from './format-rpz.ts';
import { addName, isSinkAddress } from './name.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are what this looks for
const BINARY = /[\u0000-\u0008\u000e-\u001f\ufffd]/;
const COSMETIC = /#[@?$%]{0,2}#/;
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
    if (isComment(line)) return;
    if (BINARY.test(text)) {
      this.#sink.skip('binary');
      return;
    }
    if (this.#inZone) {
      this.#rpz.line(text);
      return;
    }
    const shape = this.#shapeOf(line);
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

  #shapeOf(line: string): Shape {
    if (line.startsWith('|') || line.startsWith('@@') || line.startsWith('/') || COSMETIC.test(line))
      return 'adblock';
    if (DNSMASQ.test(line)) return 'dnsmasq';
    if (RANKED.test(line)) return 'tranco';
    const space = line.search(/\s/);
    if (space > 0 && parseRange(line.slice(0, space).replace(/%\S*$/, '')) !== null) {
      return /^\s*#/.test(line.slice(space)) ? 'plain' : 'hosts';
    }
    if (ZONE_LINE.test(line)) return 'rpz';
    return 'plain';
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

function isComment(line: string): boolean {
  const first = line.charCodeAt(0);
  if (Number.isNaN(first) || first === 0x21 || first === 0x3b) return true; // blank, `!`, `;`
  if (first === 0x23) return !COSMETIC.test(line) || /^#+$|^##+\s/.test(line); // `#`, but not `##.banner`
  return (first === 0x5b && line.endsWith(']')) || line.startsWith('//');
}

/** Text up to a `#` that stands after white space: within a word it belongs to the word. */
function withoutComment(line: string): string {
  const hash = line.search(/\s#/);
  return hash < 0 ? line : line.slice(0, hash).trimEnd();
}

/** A hosts file line: an address, then names. Only addresses that lead nowhere block. */
function parseHosts(line: string, sink: EntrySink): void {
  const [address = '', ...names] = withoutComment(line).split(/\s+/);
  if (!isSinkAddress(address)) {
    if (names.some((name) => !OWN_NAMES.test(name))) sink.skip('redirect');
    return;
  }
  for (const name of names) {
    if (OWN_NAMES.test(name) || name === '0.0.0.0') continue;
    addName(name, 'listed', sink);
  }
}

/** One name, address or range on a line. `*.x` and `.x` mean x and everything under it, as every maker of such lists does. */
function parsePlain(line: string, sink: EntrySink): void {
  const text = withoutComment(line);
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

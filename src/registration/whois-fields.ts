import { boundedLine, fieldName, fieldOf, linesOf } from './whois-lines.ts';
import { BLOCK_HEADS, HEADINGS, type Section, type Slot, slotOf } from './whois-spellings.ts';

/** Values of one meaning that are kept. */
const VALUES_MAX = 20;

/** Values by what they mean, in the order of the reply. */
export type Values = Map<Slot, string[]>;

/** What of a reply is of interest: the domain's own data, and the contacts it may point at. */
export interface WhoisFields {
  readonly domain: Values;
  readonly contacts: readonly Values[];
}

/** Contacts that are kept. */
const CONTACTS_MAX = 20;
const COMMENT = /^(?:[%#*]|>>>|\[ )/;

/** Sorts the fields of a reply by their meaning. Bounded, never throws. */
export function readFields(text: string): WhoisFields {
  const walk = new Walk();
  for (const line of linesOf(text)) walk.take(line);
  return walk;
}

/**
 * Goes through the lines of a reply, whose layouts have little in common: a heading with values below it, indented or not, to
 * an empty line; blocks of fields with empty lines between them; or one list of fields with long names.
 */
class Walk implements WhoisFields {
  readonly domain: Values = new Map();
  readonly contacts: Values[] = [];
  #section: Section = 'domain';
  #headingIndent = 0;
  /** Lines of the section so far, and whether they stand further in than its heading. */
  #lines = 0;
  #deeper = false;
  #atStart = true;
  #continued: Slot | null = null;

  take(raw: string): void {
    const line = boundedLine(raw);
    if (line === '') this.#leave();
    if (line === '' || COMMENT.test(line)) return;
    const indent = raw.length - raw.trimStart().length;
    if (this.#deeper && indent <= this.#headingIndent) this.#leave();
    const [name, value] = fieldOf(line);
    if (this.#section === 'servers' && /^[\w.-]+\.[\w-]+\.?(?:\s|$)/.test(line)) this.#put('', line, indent);
    else if (name === '') this.#bare(line, indent);
    else if (value === '') this.#enter(HEADINGS.get(fieldName(name)) ?? null, indent);
    else this.#field(fieldName(name), value, indent);
    this.#atStart = false;
  }

  #bare(line: string, indent: number): void {
    const heading = this.#atStart ? HEADINGS.get(fieldName(line)) : undefined;
    if (heading !== undefined) this.#enter(heading, indent);
    // The value of the field above goes on here.
    else if (this.#section === 'domain') this.#add(this.#continued, line);
    else this.#put('', line, indent);
  }

  #field(name: string, value: string, indent: number): void {
    const head = this.#atStart ? BLOCK_HEADS.get(name) : undefined;
    if (head !== undefined && this.domain.size > 0) this.#enter(head, indent);
    this.#put(name, value, indent);
  }

  #put(name: string, value: string, indent: number): void {
    const isFirst = this.#lines === 0;
    this.#lines++;
    if (isFirst && this.#section !== 'domain') this.#deeper = indent > this.#headingIndent;
    const slot = slotOf(this.#section, name);
    // Below the name of a registrar or registrant stands its address.
    if (name === '' && !isFirst && (this.#section === 'registrar' || this.#section === 'registrant')) return;
    this.#continued = slot === 'server' ? slot : null;
    this.#add(slot, value);
  }

  #add(slot: Slot | null, value: string): void {
    if (slot === null) return;
    const values = this.#section === 'contact' ? this.contacts.at(-1) : this.domain;
    const known = values?.get(slot);
    if (known === undefined) values?.set(slot, [value]);
    else if (known.length < VALUES_MAX) known.push(value);
  }

  /** An empty field that heads no section leaves things as they are. */
  #enter(section: Section | null, indent: number): void {
    if (section === null) {
      this.#continued = null;
      return;
    }
    this.#leave();
    if (section === 'contact') {
      if (this.contacts.length === CONTACTS_MAX) this.contacts.pop();
      this.contacts.push(new Map());
    }
    this.#section = section;
    this.#headingIndent = indent;
  }

  #leave(): void {
    this.#section = 'domain';
    this.#lines = 0;
    this.#deeper = false;
    this.#atStart = true;
    this.#continued = null;
  }
}

import { fieldText } from './record.ts';

/** Lines of a reply that are looked at, and the longest part of one. */
const LINES_MAX = 2_000;
const LINE_MAX_CHARS = 500;
const FIELD_MAX_CHARS = 60;
/** What a record keeps. */
export const FACTS_MAX = 60;
export const FACT_MAX_CHARS = 200;
export const FACTS_MAX_CHARS = 3_000;
/** A line of more words that is no field is prose: terms, notices. */
const PROSE_WORDS = 8;

const COMMENT = /^(?:[%#*;]|\[ )/;
/** Below it stand the terms of the registry. */
const END = /^(?:>>>|--$)/;
const LEGAL =
  /^(?:notice|terms of use|copyright.*|url of the icann .*|whois (?:lookup|database|inaccuracy).*)$/;
/** Whose values are a person's. */
const PERSONAL =
  /^(?:(?:registry )?(?:registrant|admin\w*|tech\w*|billing|owner|holder|contact) ?)?(?:name|person\w*|contact(?: name)?|responsible|role|id|phone.*|fax.*|e-?mail|street(?: address)?|address|postal code|city|state\/province|zip.*|taxpayer-id|ownerid|org id)$/;

/** The lines of a reply, whatever they end in, each as far as it is looked at. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/, LINES_MAX).map((line) => line.slice(0, LINE_MAX_CHARS).trim());
}

/**
 * Takes a line apart, the name in small letters with single blanks: `[Created on]  2001/03/22`, `p. [Name Server] a`,
 * `created........: 1.1.1991`, `Creation Date: 1995-08-14`, `Registered on 30th April 2003`. Both empty when it is no field.
 */
export function fieldOf(line: string): readonly [name: string, value: string] {
  const start = /^(?:[a-z]\. )?\[/.exec(line)?.[0].length ?? 0;
  const bracket = start > 0 ? line.indexOf(']') : -1;
  if (bracket > 0) return [nameText(line.slice(start, bracket)), line.slice(bracket + 1).trim()];
  const colon = line.indexOf(':');
  const on = /^(?:record created|domain created|registered|created) on(?= )/i.exec(line)?.[0];
  if (on !== undefined && (colon < 0 || colon > on.length))
    return [nameText(on), line.slice(on.length).trim()];
  return colon < 0 ? ['', ''] : [nameText(line.slice(0, colon)), line.slice(colon + 1).trim()];
}

/**
 * The lines that are facts, cleaned: no comments, no terms, nothing that belongs to a person where its field tells so. Bounded; what
 * they say is the registry's, and in part of whoever registered the domain.
 */
export function factLines(lines: readonly string[]): string[] {
  const facts: string[] = [];
  let heading = '';
  let isPersonal = false;
  let left = FACTS_MAX_CHARS;
  for (const line of lines) {
    if (END.test(line) || facts.length === FACTS_MAX) break;
    if (line === '' || COMMENT.test(line)) continue;
    const [name, value] = fieldOf(line);
    if (value === '') heading = name || line.toLowerCase();
    // What goes on below a person's field is the person's too.
    if (name !== '')
      isPersonal = PERSONAL.test(name) && !(name === 'name' && /^(?:registrar|domain)/.test(heading));
    if (isPersonal || LEGAL.test(name) || (name === '' && line.split(/\s+/).length > PROSE_WORDS)) continue;
    const fact = fieldText(line, FACT_MAX_CHARS);
    if (fact === null || fact.length > left || facts.includes(fact)) continue;
    left -= fact.length;
    facts.push(fact);
  }
  return facts;
}

function nameText(name: string): string {
  return name
    .slice(0, FIELD_MAX_CHARS)
    .toLowerCase()
    .replace(/[\s.]+$/, '')
    .replace(/\s+/g, ' ')
    .trim();
}

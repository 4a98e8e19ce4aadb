/** Lines of a reply that are looked at, and the longest part of one. */
const LINES_MAX = 2_000;
const LINE_MAX_CHARS = 500;
const FIELD_MAX_CHARS = 60;

/** The lines of a reply, whatever they end in. */
export function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/, LINES_MAX);
}

/** What of a line is looked at. */
export function boundedLine(line: string): string {
  return line.slice(0, LINE_MAX_CHARS).trim();
}

/** A field's name in small letters with single blanks. */
export function fieldName(name: string): string {
  return name.toLowerCase().replace(/\s+/g, ' ').trim();
}

/**
 * Takes a line apart: `[Created on]  2001/03/22`, `p. [Name Server] a`, `created........: 1.1.1991`, `Creation Date: 1995-08-14`,
 * `Registered on 30th April 2003`. Both empty when it is no field.
 */
export function fieldOf(line: string): readonly [name: string, value: string] {
  const start = /^(?:[a-z]\. )?\[/.exec(line)?.[0].length ?? 0;
  const bracket = start > 0 ? line.indexOf(']') : -1;
  if (bracket > 0)
    return [line.slice(start, bracket).slice(0, FIELD_MAX_CHARS), line.slice(bracket + 1).trim()];
  const colon = line.indexOf(':');
  const on = /^(?:record created|domain created|registered|created) on(?= )/i.exec(line)?.[0];
  if (on !== undefined && (colon < 0 || colon > on.length)) return [on, line.slice(on.length).trim()];
  const name = line.slice(0, Math.min(colon, FIELD_MAX_CHARS)).replace(/[\s.]+$/, '');
  return colon < 0 ? ['', ''] : [name, line.slice(colon + 1).trim()];
}

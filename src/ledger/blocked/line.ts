import type { FlowRecord } from '../../model/flow.ts';

/** Longest field of the file of blocked flows, before escaping. */
const FIELD_MAX_CHARS = 4_096;

// Controls, backslash, and what does not show or changes the direction of text: a line must read the same to everyone.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this escapes
  /[\u0000-\u001f\\\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff]/g;

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r', '\\': '\\\\' };

/**
 * The line for a blocked flow: time (ISO 8601, UTC), program path, user, host, address, port, stage, reason and evidence
 * (sentences joined by `; `), separated by tabs, ended by a newline. What is not known is `-`; a field that is itself
 * `-` is written `\x2d`. Escapes: `\t \n \r \\`, `\xHH`, `\uHHHH`.
 */
export function blockedLine(flow: FlowRecord): string {
  const { origin, target, verdict } = flow;
  const evidence = verdict.evidence.map(({ text }) => text).join('; ');
  const fields = [
    isoTime(flow.at),
    field(origin.path),
    field(origin.user ?? (origin.uid === null ? null : String(origin.uid))),
    field(target.host),
    field(target.ip),
    String(target.port),
    verdict.stage,
    verdict.reason,
    field(evidence === '' ? null : evidence),
  ];
  return `${fields.join('\t')}\n`;
}

function field(text: string | null): string {
  if (text === null || text === '') return '-';
  if (text === '-') return '\\x2d';
  return text.slice(0, FIELD_MAX_CHARS).replace(UNSAFE, escapeChar);
}

function escapeChar(char: string, offset: number, text: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const code = char.charCodeAt(0);
  if (isPaired(code, offset, text)) return char;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Half of a character beyond U+FFFF, with its other half beside it. */
function isPaired(code: number, offset: number, text: string): boolean {
  const other = (at: number, low: number) => {
    const neighbour = text.charCodeAt(at);
    return neighbour >= low && neighbour < low + 0x400;
  };
  if (code >= 0xd800 && code < 0xdc00) return other(offset + 1, 0xdc00);
  return code >= 0xdc00 && code < 0xe000 && other(offset - 1, 0xd800);
}

/** Out of range for a date, a time is written as the number it is. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

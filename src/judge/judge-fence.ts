/** Longest text of one tool result that is kept and shown to a model. */
export const RESULT_MAX_CHARS = 4_000;
const LINES_MAX = 150;
/** Most raw text that is looked at; invisible characters may hide how long the visible part is. */
const RAW_MAX_CHARS = 262_144;

// CSI and OSC sequences, then two-character escapes (ECMA-48).
const ANSI =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what this removes
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]{0,1000}(?:\u0007|\u001b\\)?|\u009b[0-?]*[ -/]*[@-~]|\u001b[ -~]?/g;
const LINE_BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
// Controls, soft hyphen, joiners and fillers, bidirectional controls, variation selectors, BOM, tags, noncharacters.
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  /[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\uffff]|\u034f|\u115f|\u1160|\u17b4|\u17b5|[\u180b-\u180d\u180f]|[\ufe00-\ufe0f]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;
/** Marks stacked on one letter, more than any script needs. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;
/** Template tokens in square brackets, such as `[INST]` and `[TOOL_CALLS]`. */
const BRACKET_TOKEN = /\[\s*(\/?[A-Za-z_]{3,24})\s*\]/g;

/** Removes what is not seen: escape sequences, controls, zero-width and direction-changing characters, tags. */
export function stripInvisible(text: string): string {
  return text
    .slice(0, RAW_MAX_CHARS)
    .toWellFormed()
    .replace(ANSI, '')
    .replace(LINE_BREAK, '\n')
    .replace(INVISIBLE, '')
    .replace(STACKED_MARKS, '$1');
}

/** Text of several lines from outside, fit for a transcript: nothing invisible, spaces and blank lines merged, capped with a note. */
export function cleanBlock(text: string, maxChars: number = RESULT_MAX_CHARS): string {
  const lines = stripInvisible(text)
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter((line) => line !== '');
  const kept = lines.slice(0, LINES_MAX).join('\n');
  const all = lines.length > LINES_MAX ? lines.join('\n').length : kept.length;
  if (kept.length <= maxChars && all === kept.length) return kept;
  const note = (dropped: number): string => `\n[cut here: ${dropped} more characters]`;
  const room = Math.max(0, Math.min(kept.length, maxChars - note(all).length));
  const cut = kept.slice(0, isHighSurrogate(kept, room - 1) ? room - 1 : room);
  return `${cut}${note(all - cut.length)}`;
}

/**
 * Takes from text all that a chat template or our own fence could take for markup: angle brackets, tokens in square brackets
 * (`[INST]`), code fences, and the nonce.
 */
export function defang(text: string, nonce: string): string {
  const plain = nonce === '' ? text : text.replaceAll(new RegExp(escapeRegExp(nonce), 'gi'), '·');
  return plain
    .replace(/</g, '‹')
    .replace(/>/g, '›')
    .replace(BRACKET_TOKEN, '($1)')
    .replace(/`{3,}|~{3,}/g, "'''");
}

/**
 * Hostile text between fences that it cannot close: their nonce is not in it, and every line begins with `| `, so that no role
 * marker stands at the start of one. `label` is ours.
 */
export function fence(label: string, text: string, nonce: string): string {
  const lines = defang(cleanBlock(text), nonce).split('\n');
  return [`<<<DATA ${label} ${nonce}`, ...lines.map((line) => `| ${line}`), `DATA ${nonce}>>>`].join('\n');
}

function isHighSurrogate(text: string, at: number): boolean {
  const c = text.charCodeAt(at);
  return c >= 0xd800 && c <= 0xdbff;
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

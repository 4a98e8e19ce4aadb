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

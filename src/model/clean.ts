/** Longest text from outside that goes to a screen line or a log field. */
export const CLEAN_MAX_CHARS = 200;

// C0, DEL, C1, soft hyphen, zero-width and bidirectional controls, line and paragraph separators, BOM, tags, noncharacters.
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this removes
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\uffff]|[\u{e0000}-\u{e0fff}]/gu;

/**
 * Makes text from outside safe to draw: control, invisible and direction-changing characters and lone
 * surrogates become `·`, and what is longer than `max` characters ends in `…`.
 */
export function cleanText(text: string, max: number = CLEAN_MAX_CHARS): string {
  if (text.length <= max && isPlain(text)) return text;
  const bounded = text.length > max * 4 ? text.slice(0, max * 4) : text;
  const safe = bounded.toWellFormed().replace(UNSAFE, '·');
  const points = [...safe];
  return points.length > max ? `${points.slice(0, max - 1).join('')}…` : safe;
}

/**
 * Text from outside as it stands in a sentence of ours: cleaned, on one line, and in quotes that it cannot close.
 */
export function quoteText(text: string, max: number = CLEAN_MAX_CHARS): string {
  return `"${cleanText(
    text
      .slice(0, max * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    max,
  ).replaceAll('"', "'")}"`;
}

/** Most text is printable ASCII, and a verdict is made of it: told without a regular expression. */
function isPlain(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c > 0x7e) return false;
  }
  return true;
}

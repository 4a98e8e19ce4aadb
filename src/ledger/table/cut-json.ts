/** Strings in a value that is too long are cut to these lengths, the longest first, until it fits. */
const CUT_STEPS_CHARS = [65_536, 32_768, 16_384, 8_192, 4_096, 2_048, 1_024, 512, 256];

/** A value as JSON text of at most `maxBytes`: its longest strings are cut, and say so. Null when even that is too long. */
export function cutJson(value: unknown, maxBytes: number): string | null {
  const whole = JSON.stringify(value);
  if (fits(whole, maxBytes)) return whole;
  for (const maxChars of CUT_STEPS_CHARS) {
    const cut = JSON.stringify(value, (_key, part) =>
      typeof part === 'string' ? cutText(part, maxChars) : part,
    );
    if (fits(cut, maxBytes)) return cut;
  }
  return null;
}

/** Cuts a text to about `maxChars`, and says how much was left out; never in the middle of a character. */
export function cutText(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const left = text.length - maxChars;
  return `${text.slice(0, maxChars).replace(/[\ud800-\udbff]$/, '')}… (${left} more characters were not kept)`;
}

function fits(text: string, maxBytes: number): boolean {
  // Three bytes a UTF-16 unit is the most.
  return text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes;
}

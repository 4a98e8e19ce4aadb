/** Symbols of the letter model: the label's edge, a to z, 0 to 9, and the hyphen or underscore. */
export const TRIGRAM_SYMBOLS = 38;
/** Entries of the table: cost of the third symbol after the first two. */
export const TRIGRAM_ENTRIES = TRIGRAM_SYMBOLS ** 3;
/** Table units a bit. */
export const TRIGRAM_UNITS_A_BIT = 16;

/** The symbol of a character code; 0 is the edge. */
export function trigramSymbol(code: number): number {
  if (code >= 0x61 && code <= 0x7a) return code - 0x60;
  if (code >= 0x30 && code <= 0x39) return code - 0x30 + 27;
  return 37;
}

/** Mean cost in bits a symbol of `text[start, end)` under a model of honest names: 3 is a word, 6 is noise. */
export function trigramCost(table: Uint8Array, text: string, start: number, end: number): number {
  let a = 0;
  let b = 0;
  let sum = 0;
  for (let i = start; i <= end; i++) {
    const c = i < end ? trigramSymbol(text.charCodeAt(i)) : 0;
    sum += table[(a * TRIGRAM_SYMBOLS + b) * TRIGRAM_SYMBOLS + c] ?? 0;
    a = b;
    b = c;
  }
  return sum / TRIGRAM_UNITS_A_BIT / (end - start + 1);
}

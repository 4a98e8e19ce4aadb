import { ENTROPY } from './constants.ts';

/** The entropy value of a label with the parts it is made of. */
export interface EntropyValue {
  /** 1.0 (ordinary) to 5.0 (random). */
  readonly value: number;
  /** Shannon entropy, bits a character. */
  readonly bits: number;
  /** Entropy over the most a label of this length can have, 0 to 1. */
  readonly normalized: number;
  /** Share of digits, 0 to 1; not yet gated by randomness. */
  readonly digitRatio: number;
}

/**
 * The seed's entropy value of `text[start, end)`, normally the registrable label: `1 + 4·S` within 1 to 5, where
 * `S = 0.1·L + 0.45·E·D + 0.45·R`. An empty label has the value 1. No allocation but the result.
 */
export function entropyValue(text: string, start = 0, end: number = text.length): EntropyValue {
  const n = end - start;
  if (n <= 0) return { value: 1, bits: 0, normalized: 0, digitRatio: 0 };
  let digits = 0;
  let bits = 0;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i);
    if (c >= 0x30 && c <= 0x39) digits++;
    bits -= Math.log2(occurrences(text, c, start, end) / n) / n;
  }
  const most = Math.log2(Math.min(ENTROPY.alphabet, n));
  const normalized = most === 0 ? 0 : Math.min(1, bits / most);
  const digitRatio = digits / n;
  const length = Math.min(1, n / ENTROPY.longLabelChars);
  const damp = Math.min(1, ENTROPY.dampAboveChars / n);
  const counted = normalized >= ENTROPY.digitsFromRandomness ? digitRatio : 0;
  const s =
    ENTROPY.lengthWeight * length +
    ENTROPY.randomnessWeight * normalized * damp +
    ENTROPY.digitWeight * counted;
  return { value: Math.min(5, Math.max(1, 1 + 4 * s)), bits, normalized, digitRatio };
}

// Labels are at most 63 characters, so counting in place beats a table that must be cleared.
function occurrences(text: string, code: number, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i++) if (text.charCodeAt(i) === code) count++;
  return count;
}

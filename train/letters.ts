import type { NameParts } from '../src/score/name-parts.ts';
import {
  TRIGRAM_ENTRIES,
  TRIGRAM_SYMBOLS,
  TRIGRAM_UNITS_A_BIT,
  trigramSymbol,
} from '../src/score/trigram.ts';

const SMOOTHING = 0.5;

/** The letter model of honest names: cost in sixteenths of a bit, at most 255, of each symbol after the two before it. */
export function trainLetters(names: readonly NameParts[]): Uint8Array {
  const counts = new Float64Array(TRIGRAM_ENTRIES);
  for (const { host, labelStart, labelEnd } of names) {
    if (host.startsWith('xn--', labelStart)) continue;
    let a = 0;
    let b = 0;
    for (let i = labelStart; i <= labelEnd; i++) {
      const c = i < labelEnd ? trigramSymbol(host.charCodeAt(i)) : 0;
      const at = (a * TRIGRAM_SYMBOLS + b) * TRIGRAM_SYMBOLS + c;
      counts[at] = (counts[at] ?? 0) + 1;
      a = b;
      b = c;
    }
  }
  const table = new Uint8Array(TRIGRAM_ENTRIES);
  for (let pair = 0; pair < TRIGRAM_SYMBOLS ** 2; pair++) {
    const from = pair * TRIGRAM_SYMBOLS;
    let total = 0;
    for (let c = 0; c < TRIGRAM_SYMBOLS; c++) total += (counts[from + c] ?? 0) + SMOOTHING;
    for (let c = 0; c < TRIGRAM_SYMBOLS; c++) {
      const bits = -Math.log2(((counts[from + c] ?? 0) + SMOOTHING) / total);
      table[from + c] = Math.min(255, Math.round(bits * TRIGRAM_UNITS_A_BIT));
    }
  }
  return table;
}

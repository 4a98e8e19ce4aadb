/** Start value of the rolling hash (FNV-1a, 32 bits). */
export const HASH_START = 0x811c9dc5 | 0;

/** One more character in the rolling hash (FNV-1a). */
export function hashStep(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** Spreads a rolling hash and a feature kind over 32 bits; mask the result for a bucket. Not negative. */
export function hashFinish(hash: number, kind: number): number {
  let h = hash ^ Math.imul(kind + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of a stretch of text. */
export function hashText(text: string, start: number, end: number): number {
  let hash = HASH_START;
  for (let i = start; i < end; i++) hash = hashStep(hash, text.charCodeAt(i));
  return hash;
}

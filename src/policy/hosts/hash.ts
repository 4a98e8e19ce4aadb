/** Longest name that is hashed; a Host is never longer. */
export const NAME_MAX_CHARS = 253;
/** Random words a key holds: three lanes, one word for every place of a character, counted from the right. */
export const KEY_WORDS = 3 * NAME_MAX_CHARS;
/** Where lane 2 begins in a key; lanes 0 and 1 alternate before it, because a lookup needs them together. */
const LANE_2 = 2 * NAME_MAX_CHARS;

/** a-z, 0-9, `-`, `_` and `.` as 1 to 39: two codes never differ by more than 38, which the bounds below rest on. */
export const CODES: Uint8Array = makeCodes();

function makeCodes(): Uint8Array {
  const codes = new Uint8Array(256);
  const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789-_.';
  for (let i = 0; i < alphabet.length; i++) codes[alphabet.charCodeAt(i)] = i + 1;
  return codes;
}

/** A bijection of 32 bits that spreads neighbours (the finaliser of MurmurHash3, public domain). */
export function spread(word: number): number {
  let w = word;
  w = Math.imul(w ^ (w >>> 16), 0x85ebca6b);
  w = Math.imul(w ^ (w >>> 13), 0xc2b2ae35);
  return w ^ (w >>> 16);
}

/**
 * Lane 0, 1 or 2 of the fingerprint of `host.slice(from)`: a signed 32-bit number, since unsigned ones leave the fast path
 * of the JavaScript engine.
 *
 * A lane is multilinear hashing (Carter and Wegman 1979; Lemire and Kaser 2013): the sum, over the characters counted from
 * the right, of key word times character code, modulo 2^32. For two different names and a random key one lane agrees with
 * chance 2^-32 when any two codes differ by an odd step, and never more than 2^-27. Lanes are independent of each other.
 *
 * Chance of a wrong match. A search compares lanes 1 and 2; lane 0 only says where it begins, so it adds nothing, and every
 * entry passed on the way can be wrong. There are 1.5 of those on average and never more than the set's `reach` (measured: 43
 * at 1,000,000 names, 45 at 5,000,000; 64 below). The tag is lane 1 with one value moved aside, which at most triples its
 * chance. So one suffix finds a wrong entry with chance at most 64 × 3 × 2^-27 × 2^-27 = 1.1e-14, typically 1.5 × 2^-64 = 8e-20.
 *
 * A year, on these assumptions: 10,000 different hosts a day, five suffixes each, asked of two sets (allow and block), and
 * entries all new every day: 3.7e7 suffixes. That is a chance of at most 3.9e-7 for one wrong match, below one in a million;
 * typically 3e-12. Who does not know the key, which is random and stays in the state folder, cannot choose names that collide.
 */
export function laneOf(key: Int32Array, lane: 0 | 1 | 2, host: string, from: number): number {
  const step = lane === 2 ? 1 : 2;
  let k = lane === 2 ? LANE_2 : lane;
  let sum = 0;
  for (let i = host.length - 1; i >= from; i--, k += step) {
    sum = (sum + Math.imul(key[k] as number, CODES[host.charCodeAt(i) & 0xff] as number)) | 0;
  }
  return spread(sum);
}

/** A tag is lane 1; zero marks an empty slot, so that one value is moved aside. */
export const tagOf = (lane1: number): number => (lane1 === 0 ? 1 : lane1);

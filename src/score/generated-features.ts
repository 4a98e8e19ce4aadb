import { HASH_START, hashFinish, hashStep, hashText } from './feature-hash.ts';
import type { FeatureSink } from './features.ts';
import type { NameParts } from './name-parts.ts';
import { trigramCost } from './trigram.ts';

/** Buckets for letter n-grams; a power of two. */
const GENERATED_GRAM_BUCKETS = 1 << 17;
/** Buckets for everything else; a power of two. They follow the n-grams. */
const GENERATED_SHAPE_BUCKETS = 1 << 14;
export const GENERATED_BUCKETS = GENERATED_GRAM_BUCKETS + GENERATED_SHAPE_BUCKETS;

/** Groups of features, in the order they are written. */
export const GENERATED_GROUPS = ['letters', 'pattern', 'shape', 'suffix'] as const;

const GRAM_MIN = 2;
const GRAM_MAX = 4;
const PATTERN_MIN = 4;
const PATTERN_MAX = 6;
const EDGE = 1;
/** The alphabet of a punycode label. */
const INTERNATIONAL = 5;

/** Feature kinds keep equal numbers of different meaning apart. */
const KIND = {
  gram: 0,
  pattern: 16,
  length: 32,
  alphabet: 33,
  alphabetLength: 34,
  digits: 35,
  consonantRun: 36,
  vowels: 37,
  runLength: 38,
  cost: 39,
  costLength: 40,
  suffix: 41,
  suffixAlphabet: 42,
  suffixAlphabetLength: 43,
} as const;

/**
 * Writes the features of the judged label and its suffix into the sink: hashed letter n-grams, n-grams of the
 * consonant-vowel-digit pattern, shape counts, cost under the letter model, and suffix crossed with shape.
 */
export function generatedFeatures(parts: NameParts, letters: Uint8Array, sink: FeatureSink): void {
  sink.clear();
  const { host, labelStart, labelEnd } = parts;
  const international = host.startsWith('xn--', labelStart);
  if (!international) grams(host, labelStart, labelEnd, sink);
  sink.close(0);
  if (!international) patterns(host, labelStart, labelEnd, sink);
  sink.close(1);
  // Punycode looks random whatever it spells, so an internationalized label is judged by its suffix alone.
  const alphabet = international ? INTERNATIONAL : shape(host, labelStart, labelEnd, letters, sink);
  if (international) put(sink, KIND.alphabet, INTERNATIONAL);
  sink.close(2);
  const suffix = hashText(host, parts.suffixStart, host.length);
  put(sink, KIND.suffix, suffix);
  put(sink, KIND.suffixAlphabet, hashStep(suffix, alphabet));
  put(
    sink,
    KIND.suffixAlphabetLength,
    hashStep(hashStep(suffix, alphabet), international ? 0 : (labelEnd - labelStart) >> 1),
  );
  sink.close(3);
}

function put(sink: FeatureSink, kind: number, hash: number): void {
  sink.add(GENERATED_GRAM_BUCKETS + (hashFinish(hash, kind) & (GENERATED_SHAPE_BUCKETS - 1)));
}

function grams(host: string, start: number, end: number, sink: FeatureSink): void {
  for (let i = start - 1; i <= end; i++) {
    let hash = HASH_START;
    for (let n = 1; n <= GRAM_MAX && i + n - 1 <= end; n++) {
      const at = i + n - 1;
      hash = hashStep(hash, at < start || at >= end ? EDGE : host.charCodeAt(at));
      if (n >= GRAM_MIN) sink.add(hashFinish(hash, KIND.gram + n) & (GENERATED_GRAM_BUCKETS - 1));
    }
  }
}

/** 1 vowel, 2 consonant, 3 digit, 4 hyphen, 0 edge. */
function patternOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return 3;
  if (code < 0x61 || code > 0x7a) return 4;
  // a e i o u y, as bits counted from a.
  return (0x1104111 >> (code - 0x61)) & 1 ? 1 : 2;
}

function patterns(host: string, start: number, end: number, sink: FeatureSink): void {
  for (let i = start - 1; i <= end; i++) {
    let hash = HASH_START;
    for (let n = 1; n <= PATTERN_MAX && i + n - 1 <= end; n++) {
      const at = i + n - 1;
      hash = hashStep(hash, at < start || at >= end ? 0 : patternOf(host.charCodeAt(at)));
      if (n >= PATTERN_MIN) put(sink, KIND.pattern + n, hash);
    }
  }
}

function shape(host: string, start: number, end: number, letters: Uint8Array, sink: FeatureSink): number {
  const length = end - start;
  let digits = 0;
  let turns = 0;
  let vowels = 0;
  let run = 0;
  let longestRun = 0;
  let hyphens = 0;
  let aboveF = 0;
  let before = 0;
  for (let i = start; i < end; i++) {
    const code = host.charCodeAt(i);
    const pattern = patternOf(code);
    if (pattern === 3) digits++;
    else if (pattern === 4) hyphens++;
    else if (code > 0x66) aboveF++;
    if (pattern === 1) vowels++;
    run = pattern === 2 ? run + 1 : pattern === 1 ? 0 : run;
    if (run > longestRun) longestRun = run;
    if (i > start && (pattern === 3) !== (before === 3)) turns++;
    before = pattern;
  }
  const alphabet = hyphens > 0 ? 4 : digits === length ? 3 : aboveF === 0 ? 2 : digits > 0 ? 1 : 0;
  const cost = trigramCost(letters, host, start, end);
  put(sink, KIND.length, length);
  put(sink, KIND.alphabet, alphabet);
  put(sink, KIND.alphabetLength, alphabet * 64 + length);
  put(sink, KIND.digits, Math.min(8, digits) * 16 + Math.min(8, turns));
  put(sink, KIND.consonantRun, longestRun);
  put(sink, KIND.vowels, Math.round((10 * vowels) / Math.max(1, length)));
  put(sink, KIND.runLength, longestRun * 16 + (length >> 2));
  put(sink, KIND.cost, Math.round(cost * 4));
  put(sink, KIND.costLength, Math.round(cost * 3) * 16 + (length >> 2));
  return alphabet;
}

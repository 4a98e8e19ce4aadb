import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import weightsPath from '../../lists/score/weights.bin' with { type: 'file' };
import { GENERATED_BUCKETS } from '../../src/score/generated-features.ts';
import { PHISHING_BUCKETS } from '../../src/score/phishing-features.ts';
import { isPopular, POPULAR_PREFIXES, packPopular, popularTable } from '../../src/score/popular.ts';
import { TRIGRAM_ENTRIES, trigramCost } from '../../src/score/trigram.ts';
import { parseWeights, serializeWeights, type Weights } from '../../src/score/weights.ts';

const MAX_WEIGHT_BYTES = 512 * 1024;
const bytes = new Uint8Array(readFileSync(weightsPath));

function parsed(): Weights {
  const weights = parseWeights(bytes);
  if (typeof weights === 'string') throw new Error(weights);
  return weights;
}

describe('weights file', () => {
  test('is at most 512 KB', () => {
    expect(bytes.length).toBeLessThanOrEqual(MAX_WEIGHT_BYTES);
  });

  test('holds both models, the letter model and the table', () => {
    const { generated, phishing, letters, popularCounts, popularTails } = parsed();
    expect(generated.weights).toHaveLength(GENERATED_BUCKETS);
    expect(phishing.weights).toHaveLength(PHISHING_BUCKETS);
    expect(letters).toHaveLength(TRIGRAM_ENTRIES);
    expect(popularCounts.reduce((sum, n) => sum + n, 0)).toBe(popularTails.length);
  });

  test('is written as it was read, byte for byte', () => {
    expect(Buffer.compare(serializeWeights(parsed()), bytes)).toBe(0);
  });

  test('is read from any place in a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const weights = parseWeights(larger.subarray(3));
    expect(typeof weights).toBe('object');
    expect((weights as Weights).popularTails).toEqual(parsed().popularTails);
  });

  test('is refused when cut, foreign or damaged', () => {
    expect(parseWeights(bytes.subarray(0, 100))).toBe('too_short');
    expect(parseWeights(new Uint8Array(bytes.length))).toBe('not_weights');
    const damaged = bytes.slice();
    damaged[200_000] = (damaged[200_000] ?? 0) ^ 1;
    expect(parseWeights(damaged)).toBe('damaged');
    for (let cut = bytes.length - 1; cut > bytes.length - 9; cut--) {
      expect(typeof parseWeights(bytes.subarray(0, cut))).toBe('string');
    }
  });

  test('finds words cheaper than noise', () => {
    const { letters } = parsed();
    expect(trigramCost(letters, 'weather', 0, 7)).toBeLessThan(trigramCost(letters, 'xqzvkjw', 0, 7));
  });
});

describe('popular table', () => {
  test('finds what was packed, and the registrable part of a host', () => {
    const { counts, tails } = packPopular(['example.com', 'bbc.co.uk']);
    const table = popularTable(counts, tails);
    expect(counts).toHaveLength(POPULAR_PREFIXES);
    expect(isPopular(table, 'example.com', 0)).toBe(true);
    expect(isPopular(table, 'www.bbc.co.uk', 4)).toBe(true);
    expect(isPopular(table, 'www.bbc.co.uk', 0)).toBe(false);
  });

  test('is wrong about one name in thousands at most', () => {
    const { popularCounts, popularTails } = parsed();
    const table = popularTable(popularCounts, popularTails);
    let wrong = 0;
    for (let i = 0; i < 50_000; i++) if (isPopular(table, `no-such-name-${i}.test`, 0)) wrong++;
    expect(wrong).toBeLessThan(10);
  });
});

import { describe, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import popularPath from '../../lists/score/popular.txt' with { type: 'file' };
import weightsPath from '../../lists/score/weights.bin' with { type: 'file' };
import { GENERATED_BUCKETS } from '../../src/score/generated-features.ts';
import { PHISHING_BUCKETS } from '../../src/score/phishing-features.ts';
import { isPopular } from '../../src/score/popular.ts';
import { TRIGRAM_ENTRIES, trigramCost } from '../../src/score/trigram.ts';
import { parseWeights, type Weights } from '../../src/score/weights.ts';
import { serializeWeights } from '../../train/weights-file.ts';

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

  test('holds both models and the letter model', () => {
    const { generated, phishing, letters } = parsed();
    expect(generated.weights).toHaveLength(GENERATED_BUCKETS);
    expect(phishing.weights).toHaveLength(PHISHING_BUCKETS);
    expect(letters).toHaveLength(TRIGRAM_ENTRIES);
  });

  test('is written as it was read, byte for byte', () => {
    expect(Buffer.compare(serializeWeights(parsed()), bytes)).toBe(0);
  });

  test('is read from any place in a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    const weights = parseWeights(larger.subarray(3));
    expect(typeof weights).toBe('object');
    expect((weights as Weights).phishing).toEqual(parsed().phishing);
  });

  test('is refused when cut, foreign or damaged', () => {
    expect(parseWeights(bytes.subarray(0, 100))).toBe('wrong_size');
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
  const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

  test('finds what is listed, and the registrable part of a host', () => {
    const table = encode('bbc.co.uk\nexample.com\n');
    expect(isPopular(table, 'example.com', 0)).toBe(true);
    expect(isPopular(table, 'www.bbc.co.uk', 4)).toBe(true);
    expect(isPopular(table, 'www.bbc.co.uk', 0)).toBe(false);
  });

  test('takes neither a beginning nor an end of a listed name for it', () => {
    const table = encode('example.com\nexample.org');
    for (const host of [
      'example.com\nexample.org',
      'xample.com',
      'example.co',
      'example.comm',
      'example.or',
      'com',
      '',
    ]) {
      expect(isPopular(table, host, 0)).toBe(false);
    }
    expect(isPopular(table, 'example.org', 0)).toBe(true);
  });

  test('an empty list holds nothing', () => {
    expect(isPopular(encode(''), 'example.com', 0)).toBe(false);
  });

  test('the embedded list is found name by name, and nothing else is', () => {
    const text = readFileSync(popularPath);
    const names = text.toString('latin1').trimEnd().split('\n');
    expect(names.length).toBeGreaterThan(50_000);
    expect(names.filter((name) => !isPopular(text, name, 0))).toEqual([]);
    const listed = new Set(names);
    expect(names.filter((name) => isPopular(text, name, 1) && !listed.has(name.slice(1)))).toEqual([]);
  });
});

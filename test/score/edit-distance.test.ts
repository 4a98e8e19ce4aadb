import { describe, expect, test } from 'bun:test';
import { editDistance } from '../../src/score/edit-distance.ts';

describe('edit distance', () => {
  test.each([
    ['paypal', 'paypal', 0],
    ['paypa', 'paypal', 1],
    ['paypall', 'paypal', 1],
    ['pyapal', 'paypal', 1],
    ['peypel', 'paypal', 2],
    ['ebay', 'paypal', 3],
    ['', 'ab', 2],
    ['abc', '', 3],
  ])('%s to %s is %d', (text, word, distance) => {
    expect(editDistance(text, 0, text.length, word)).toBe(distance as 0 | 1 | 2 | 3);
  });
});

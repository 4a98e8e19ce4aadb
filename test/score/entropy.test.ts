import { describe, expect, test } from 'bun:test';
import { entropyValue } from '../../src/score/entropy.ts';

describe('entropy value', () => {
  test('is 1 for an empty label and for one letter', () => {
    expect(entropyValue('').value).toBe(1);
    expect(entropyValue('a').value).toBeCloseTo(1 + 4 * 0.1 * (1 / 30), 10);
  });

  test('follows the formula for a label of distinct letters', () => {
    const { value, bits, normalized } = entropyValue('abcdefgh');
    expect(bits).toBeCloseTo(3, 12);
    expect(normalized).toBeCloseTo(1, 12);
    expect(value).toBeCloseTo(1 + 4 * (0.1 * (8 / 30) + 0.45), 10);
  });

  test('stays under 3.2 without digits, whatever the letters', () => {
    expect(entropyValue('qzjxkvwbpfghmdycuotnlriesa'.slice(0, 16)).value).toBeLessThan(3.2);
  });

  test('counts digits only in a label that looks random', () => {
    expect(entropyValue('a1b2c3d4').value).toBeGreaterThan(entropyValue('aabbccdd').value + 0.5);
    expect(entropyValue('11111111').value).toBeLessThan(1.5);
  });

  test('dampens the randomness of a label longer than sixteen characters', () => {
    const short = entropyValue('abcdefghijklmnop');
    const long = entropyValue('abcdefghijklmnopabcdefghijklmnop');
    expect(long.value - 0.4 * 1).toBeLessThan(short.value - 0.4 * (16 / 30));
  });

  test('passes the tolerance of 4 only with many digits', () => {
    expect(entropyValue('1234567890').value).toBeGreaterThan(4);
  });

  test('judges the given stretch alone', () => {
    expect(entropyValue('www.abcdefgh.com', 4, 12)).toEqual(entropyValue('abcdefgh'));
  });

  test('never leaves 1 to 5', () => {
    for (const label of ['a'.repeat(63), '0123456789'.repeat(6), 'xn--80ak6aa92e', '-', '_dmarc']) {
      const { value } = entropyValue(label);
      expect(value).toBeGreaterThanOrEqual(1);
      expect(value).toBeLessThanOrEqual(5);
    }
  });
});

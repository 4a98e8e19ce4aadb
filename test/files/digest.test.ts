import { expect, test } from 'bun:test';
import { digestOf, SetDigest } from '../../src/files/digest.ts';

test('contents are told apart', () => {
  expect(digestOf('a')).toHaveLength(16);
  expect(digestOf('a')).toBe(digestOf(new TextEncoder().encode('a')));
  expect(digestOf('a')).not.toBe(digestOf('b'));
});

test('a set is the same in whatever order it came, and without what was taken away', () => {
  const digest = (...contents: string[]): string => {
    const set = new SetDigest();
    for (const content of contents) set.toggle(content);
    return set.toString();
  };
  expect(digest('a', 'b')).toBe(digest('b', 'a'));
  expect(digest('a', 'b', 'b')).toBe(digest('a'));
  expect(digest('a')).not.toBe(digest('b'));
  expect(digest()).toHaveLength(16);
});

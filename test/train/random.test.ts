import { expect, test } from 'bun:test';
import { seededRandom, shuffle } from '../../train/random.ts';

test('shuffling keeps every item', () => {
  const items = Int32Array.from({ length: 50 }, (_, i) => i);
  shuffle(items, seededRandom(3));
  expect([...items].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

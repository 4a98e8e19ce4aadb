import { expect, test } from 'bun:test';
import { syntheticNames } from '../../train/synthetic.ts';

test('the same seed draws the same names, another seed others', () => {
  const words = ['alpha', 'bravo', 'charlie', 'delta'];
  expect(syntheticNames(1, 20, 5, words)).toEqual(syntheticNames(1, 20, 5, words));
  expect(syntheticNames(1, 20, 5, words)).not.toEqual(syntheticNames(2, 20, 5, words));
  expect(syntheticNames(1, 20, 5, words)).toHaveLength(100);
});

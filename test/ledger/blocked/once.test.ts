import { expect, test } from 'bun:test';
import { BlockedOnce } from '../../../src/ledger/blocked/once.ts';
import { sampleFlow } from '../sample-flow.ts';

const blocked = (id: number) => ({ ...sampleFlow(id), effect: 'reset' }) as const;

test('lines that were taken are given again until they are written, and no flow twice', () => {
  const once = new BlockedOnce();
  for (const id of [1, 2, 3, 1]) once.offer(blocked(id));
  once.offer({ ...sampleFlow(4), effect: 'forward' });
  const ids = () => once.take(2).map(({ id }) => Number(id));
  expect([ids(), ids(), once.waiting]).toEqual([[1, 2], [1, 2], true]);
  once.settle();
  expect([ids(), once.waiting]).toEqual([[3], true]);
  once.settle();
  expect([ids(), once.waiting, once.lost]).toEqual([[], false, 0]);
});

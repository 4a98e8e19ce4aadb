import { expect, test } from 'bun:test';
import type { Pid } from '../../src/model/brand.ts';
import { LoopBrake } from '../../src/proxy/loop-brake.ts';
import { at } from '../attribute/darwin/bytes.ts';

const [TUNNEL, OTHER] = [700 as Pid, 701 as Pid];
const SERVER = at('203.0.113.7', 443);

function refusedOf(brake: LoopBrake, count: number, pid: Pid | null = TUNNEL, dst = SERVER): number {
  return Array.from({ length: count }, () => brake.goesRound(pid, dst)).filter((refused) => refused).length;
}

test('stops what one program sends to one destination more than 200 times within a second', () => {
  let clock = 0;
  const brake = new LoopBrake(() => clock);
  expect(refusedOf(brake, 200)).toBe(0);
  expect(refusedOf(brake, 5)).toBe(5);
  expect(refusedOf(brake, 200, OTHER)).toBe(0);
  expect(refusedOf(brake, 200, TUNNEL, at('203.0.113.7', 80))).toBe(0);
  expect(refusedOf(brake, 200, TUNNEL, at('203.0.113.8', 443))).toBe(0);
  clock = 1_000;
  expect(refusedOf(brake, 200)).toBe(0);
});

test('does not take connections of unknown programs for one', () => {
  expect(refusedOf(new LoopBrake(() => 0), 1_000, null)).toBe(0);
});

test('holds a bounded number of pairs', () => {
  const brake = new LoopBrake(() => 0);
  for (let port = 1; port <= 10_000; port++) brake.goesRound(OTHER, at('203.0.113.9', port));
  expect(refusedOf(brake, 1_000)).toBe(0);
});

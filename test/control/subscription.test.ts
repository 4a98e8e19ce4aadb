import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Subscription } from '../../src/control/subscription.ts';
import type { FlowRecord } from '../../src/model/flow.ts';
import { ended, sampleFlow } from '../ledger/sample-flow.ts';
import { sampleStatus } from './sample-status.ts';

const toJson = (flow: FlowRecord): string => JSON.stringify(flow);

test('a subscriber is told the newest state of each flow, once, in the order they came', () => {
  const subscription = new Subscription('log', () => true);
  for (const flow of [sampleFlow(1), sampleFlow(2), ended(sampleFlow(1))]) subscription.offer(flow);
  expect(JSON.parse(subscription.takeLines(toJson))).toEqual({
    event: 'flows',
    flows: [ended(sampleFlow(1)), sampleFlow(2)],
    missed: 0,
  });
  expect(subscription.takeLines(toJson)).toBe('');
  expect(subscription.waiting).toBe(false);
});

test('flows that do not match are not told', () => {
  const subscription = new Subscription('log', ({ id }) => id !== 2);
  for (let id = 1; id <= 3; id++) subscription.offer(sampleFlow(id));
  expect(JSON.parse(subscription.takeLines(toJson)).flows.map(({ id }: FlowRecord) => Number(id))).toEqual([
    1, 3,
  ]);
});

test('a reader that is too slow misses the oldest, and is told how many', () => {
  const subscription = new Subscription('screen', () => true, 10);
  for (let id = 1; id <= 25; id++) subscription.offer(sampleFlow(id));
  const event = JSON.parse(subscription.takeLines(toJson));
  expect(event.missed).toBe(15);
  expect(event.flows.map(({ id }: FlowRecord) => Number(id))).toEqual([
    16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
  ]);
});

test('every flow offered is told or counted as missed, in any order of offering and taking', () => {
  const step = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant('take' as const));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const subscription = new Subscription('log', () => true, 8);
      const newest = new Map<number, number>();
      const told = new Map<number, number>();
      let missed = 0;
      const take = (): void => {
        const lines = subscription.takeLines(toJson);
        if (lines === '') return;
        const event = JSON.parse(lines);
        missed += event.missed;
        for (const flow of event.flows as FlowRecord[]) told.set(flow.id, flow.bytesIn);
      };
      for (const [at, each] of steps.entries()) {
        if (each === 'take') take();
        else {
          newest.set(each, at);
          subscription.offer(sampleFlow(each, { bytesIn: at }));
        }
      }
      take();
      const untold = [...newest].filter(([id, at]) => told.get(id) !== at);
      expect(untold.length).toBeLessThanOrEqual(missed);
      expect(subscription.waiting).toBe(false);
    }),
  );
});

test('one event is bounded; the rest waits for the next', () => {
  const subscription = new Subscription('log', () => true);
  for (let id = 1; id <= 1_200; id++) subscription.offer(sampleFlow(id));
  const lines: string[] = [];
  while (subscription.waiting) lines.push(subscription.takeLines(toJson));
  expect(lines.length).toBeGreaterThan(1);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(600_000);
  const ids = lines.flatMap((line) => JSON.parse(line).flows.map(({ id }: FlowRecord) => Number(id)));
  expect(ids).toEqual(Array.from({ length: 1_200 }, (_, n) => n + 1));
});

test('only the latest status is told', () => {
  const subscription = new Subscription('screen', () => true);
  subscription.offerStatus(sampleStatus({ rules: 1 }));
  subscription.offerStatus(sampleStatus({ rules: 2 }));
  expect(JSON.parse(subscription.takeLines(toJson))).toEqual({
    event: 'status',
    status: sampleStatus({ rules: 2 }),
  });
  expect(subscription.waiting).toBe(false);
});

import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { BATCH_MAX, flowQueue } from '../../src/ledger/queues.ts';
import type { FlowId } from '../../src/model/brand.ts';
import { ended, sampleFlow } from './sample-flow.ts';

test('gives what was put in the order of arrival, a batch at a time', () => {
  const queue = flowQueue();
  for (let id = 1; id <= BATCH_MAX + 3; id++) queue.put(sampleFlow(id));
  expect(queue.take().length).toBe(BATCH_MAX);
  queue.settle(true);
  expect(queue.take().map(({ id }) => Number(id))).toEqual([513, 514, 515]);
});

test('a newer state of a flow takes the place of the one that waits', () => {
  const queue = flowQueue();
  queue.put(sampleFlow(1));
  queue.put(sampleFlow(2));
  queue.put(ended(sampleFlow(1)));
  expect(queue.size).toBe(2);
  expect(queue.take()).toEqual([ended(sampleFlow(1)), sampleFlow(2)]);
});

test('a batch that was not written is given again, before anything newer', () => {
  const queue = flowQueue();
  queue.put(sampleFlow(1));
  const batch = queue.take();
  queue.settle(false);
  queue.put(sampleFlow(2));
  expect(queue.take()).toBe(batch);
  queue.settle(true);
  expect(queue.take()).toEqual([sampleFlow(2)]);
});

test('a state that comes while an older one is on its way is written after it', () => {
  const queue = flowQueue();
  queue.put(sampleFlow(1));
  queue.take();
  queue.put(ended(sampleFlow(1)));
  expect(queue.size).toBe(2);
  expect(queue.find(1)).toEqual(ended(sampleFlow(1)));
  queue.settle(true);
  expect(queue.take()).toEqual([ended(sampleFlow(1))]);
});

test('at the bound the oldest is given up and counted', () => {
  const queue = flowQueue({ maxItems: 3 });
  for (let id = 1; id <= 5; id++) queue.put(sampleFlow(id));
  expect(queue.lost).toBe(2);
  expect(queue.take().map(({ id }) => Number(id))).toEqual([3, 4, 5]);
});

test('long strings count: few big records meet the bound that many small ones do not', () => {
  const queue = flowQueue({ maxItems: 100, maxBytes: 50_000 });
  const big = sampleFlow(0);
  const origin = { ...big.origin, path: `/${'x'.repeat(20_000)}` };
  for (let id = 1; id <= 10; id++) queue.put({ ...big, id: id as FlowId, origin });
  expect(queue.size).toBe(2);
  expect(queue.lost).toBe(8);
});

test('flows that can never be written are counted as lost', () => {
  const queue = flowQueue();
  for (let id = 1; id <= 4; id++) queue.put(sampleFlow(id));
  queue.take();
  queue.settle(true, 3);
  expect(queue.lost).toBe(3);
  expect(queue.size).toBe(0);
});

test('whatever happens, every id is waiting, written or lost, and the newest state is the one written', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ put: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 2, arbitrary: fc.record({ written: fc.boolean() }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = flowQueue({ maxItems: 8 });
      const newest = new Map<number, number>();
      const written = new Map<number, number>();
      let at = 0;
      const settle = (ok: boolean): void => {
        for (const flow of queue.take()) if (ok) written.set(flow.id, flow.bytesIn);
        queue.settle(ok);
      };
      for (const taken of steps) {
        if ('written' in taken) settle(taken.written);
        else {
          newest.set(taken.put, ++at);
          queue.put(sampleFlow(taken.put, { bytesIn: at }));
          expect(queue.find(taken.put)?.bytesIn).toBe(at);
        }
        expect(queue.size).toBeLessThanOrEqual(16);
      }
      while (queue.size > 0) settle(true);
      const missing = [...newest].filter(([id, state]) => written.get(id) !== state);
      expect(missing.length).toBeLessThanOrEqual(queue.lost);
    }),
  );
});

import { expect, test } from 'bun:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SerialQueue } from '../../src/async/serial-queue.ts';

test('runs one task at a time, in the order they came, and gives each its own result', async () => {
  const queue = new SerialQueue();
  const gate = Promise.withResolvers<void>();
  const order: string[] = [];
  const first = queue.next(async () => {
    order.push('first begins');
    await gate.promise;
    order.push('first ends');
    return 1;
  });
  const second = queue.next(async () => {
    order.push('second');
    return 2;
  });
  gate.resolve();
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(order).toEqual(['first begins', 'first ends', 'second']);
});

test('a task that fails fails alone', async () => {
  const queue = new SerialQueue();
  const first = queue.next(() => Promise.reject(new Error('broken')));
  const second = queue.next(async () => 'done');
  await expect(first).rejects.toThrow('broken');
  expect(await second).toBe('done');
});

test('those who wait for a turn of the loop each work one a turn, in their order', async () => {
  const turns = new SerialQueue();
  const seen: string[] = [];
  let loops = 0;
  const count = (): void => {
    loops++;
    if (seen.length < 3) setImmediate(count);
  };
  setImmediate(count);
  const work = async (name: string): Promise<void> => {
    await turns.next(() => nextTurn());
    seen.push(`${name} in turn ${loops}`);
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(seen).toEqual(['a in turn 1', 'b in turn 2', 'c in turn 3']);
});

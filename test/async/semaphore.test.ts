import { expect, test } from 'bun:test';
import { Semaphore } from '../../src/async/semaphore.ts';

test('lets so many in at once, then in the order they came, and turns away past its limit', async () => {
  const places = new Semaphore(1, 2);
  const never = new AbortController().signal;
  const order: string[] = [];
  expect(await places.enter(never)).toBe(true);
  const second = places.enter(never).then((entered) => order.push(`second ${entered}`));
  const third = places.enter(never).then((entered) => order.push(`third ${entered}`));
  expect(await places.enter(never)).toBe(false);
  places.leave();
  await second;
  places.leave();
  await third;
  expect(order).toEqual(['second true', 'third true']);
});

test('who gives up waiting leaves its place in the row to the next', async () => {
  const places = new Semaphore(1, 2);
  const patience = new AbortController();
  const never = new AbortController().signal;
  await places.enter(never);
  const gone = places.enter(patience.signal);
  const next = places.enter(never);
  patience.abort();
  expect(await gone).toBe(false);
  places.leave();
  expect(await next).toBe(true);
  expect(await places.enter(patience.signal)).toBe(false);
});

test('without a limit any number may wait, and is full only when nobody more could', async () => {
  const places = new Semaphore(1);
  await places.enter();
  const waiting = Array.from({ length: 100 }, () => places.enter().then(() => places.leave()));
  expect(places.isFull).toBe(false);
  places.leave();
  await Promise.all(waiting);
  const small = new Semaphore(1, 1);
  expect(small.isFull).toBe(false);
  await small.enter();
  expect(small.isFull).toBe(false);
  void small.enter();
  expect(small.isFull).toBe(true);
});

test('runs work when there is a place, and gives the place back though the work fails', async () => {
  const places = new Semaphore(1);
  const results = [
    places.run(() => Promise.reject(new Error('broken'))).catch(({ message }: Error) => message),
    places.run(async () => 'done'),
  ];
  expect(await Promise.all(results)).toEqual(['broken', 'done']);
  const full = new Semaphore(1, 0);
  const gate = Promise.withResolvers<void>();
  const held = full.run(() => gate.promise);
  await expect(full.run(async () => {})).rejects.toThrow('too many wait');
  gate.resolve();
  await held;
});

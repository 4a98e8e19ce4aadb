import { expect, test } from 'bun:test';
import { Deadline } from '../../src/async/deadline.ts';

type Why = 'late' | 'stopped' | 'silent';

const NEVER = new AbortController().signal;
const deadline = (totalMs: number, caller: AbortSignal = NEVER): Deadline<Why> =>
  new Deadline<Why>(totalMs, caller, 'late', 'stopped');
const endless = new Promise<never>(() => {});

test('work that ends in time is told of', async () => {
  const time = deadline(60_000);
  expect(await time.within(Promise.resolve(7))).toBe(7);
  expect(time.why).toBeNull();
  time.close();
});

test('work without an end ends with its time, and its signal comes', async () => {
  const time = deadline(5);
  expect(await time.within(endless)).toBe('late');
  expect([time.why, time.signal.aborted, time.leftMs()]).toEqual(['late', true, 0]);
});

test('the signal of the caller ends it, before or after it began', async () => {
  expect(await deadline(60_000, AbortSignal.abort()).within(endless)).toBe('stopped');
  const caller = new AbortController();
  const time = deadline(60_000, caller.signal);
  const work = time.within(endless);
  caller.abort();
  expect(await work).toBe('stopped');
});

test('a part of it may end it, unless it is set again', async () => {
  const time = deadline(60_000);
  time.endIn(1, 'silent');
  time.endIn(60_000, 'stopped');
  time.endIn(5, 'silent');
  expect(await time.within(endless)).toBe('silent');
  expect(time.why).toBe('silent');
});

test('the first reason holds, and nothing ends what is closed', () => {
  const caller = new AbortController();
  const time = deadline(60_000, caller.signal);
  time.close();
  expect(time.signal.aborted).toBe(true);
  caller.abort();
  expect(time.why).toBeNull();
});

test('that its time is over is told by the clock', () => {
  const time = deadline(0.01);
  while (time.leftMs() > 0);
  expect(time.why).toBe('late');
  time.close();
});

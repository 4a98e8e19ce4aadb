import { expect, test } from 'bun:test';
import { Inquiries, type Waiter } from '../../../src/judge/desk/inquiries.ts';
import type { RegistrableDomain } from '../../../src/model/brand.ts';
import { sampleInput } from './sample-inquiry.ts';

const judged = (name: string, app = 'curl') => ({ domain: name as RegistrableDomain, app });

const NOBODY: Waiter = { decideAgain: () => false };

/** Inquiries whose ends the test decides. */
class Desk {
  atOnce = 2;
  readonly began: string[] = [];
  readonly ended: number[] = [];
  readonly stopped: string[] = [];
  readonly failed: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly inquiries = new Inquiries({
    firstId: 5,
    atOnce: () => this.atOnce,
    investigate: async ({ id }, input, signal) => {
      this.began.push(input.domain);
      const end = Promise.withResolvers<void>();
      this.#ends.set(input.domain, end.resolve);
      signal.addEventListener('abort', () => {
        this.stopped.push(input.domain);
        end.resolve();
      });
      await end.promise;
      this.ended.push(id);
    },
    failed: (error) => void this.failed.push(String(error)),
    changed: () => undefined,
  });

  join(
    name: string,
    { program = 'curl', app = 'curl', waiter = NOBODY, prepare = async () => sampleInput(name) } = {},
  ) {
    return this.inquiries.join(judged(name, app), program, prepare, waiter)?.id ?? null;
  }

  end(name: string): void {
    this.#ends.get(name)?.();
  }
}

/** Lets all that is ready run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('all who ask about one domain share one inquiry, and are all told', async () => {
  const desk = new Desk();
  const told: number[] = [];
  for (let i = 0; i < 10; i++) desk.join('a.example', { waiter: { decideAgain: () => told.push(i) > 0 } });
  await settle();
  expect(desk.began).toEqual(['a.example']);
  desk.end('a.example');
  await settle();
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(desk.ended).toEqual([5]);
  expect(desk.inquiries.get(judged('a.example'))).toBeNull();
});

test('two programs that ask about one domain have an inquiry each', async () => {
  const desk = new Desk();
  const told: string[] = [];
  for (const app of ['curl', 'wget'])
    desk.join('a.example', { app, waiter: { decideAgain: () => told.push(app) > 0 } });
  await settle();
  expect(desk.began).toEqual(['a.example', 'a.example']);
  // The test can end the one that began last.
  desk.end('a.example');
  await settle();
  expect(told).toEqual(['wget']);
});

test('no more run at once than the server is given, and the rest follow in their order', async () => {
  const desk = new Desk();
  for (const name of ['a.example', 'b.example', 'c.example', 'd.example']) desk.join(name);
  await settle();
  expect(desk.began).toEqual(['a.example', 'b.example']);
  expect([desk.inquiries.running, desk.inquiries.waiting]).toEqual([2, 2]);
  desk.end('b.example');
  await settle();
  expect(desk.began).toEqual(['a.example', 'b.example', 'c.example']);
  desk.atOnce = 3;
  desk.end('a.example');
  await settle();
  expect(desk.began).toEqual(['a.example', 'b.example', 'c.example', 'd.example']);
});

test('who left is not told', async () => {
  const desk = new Desk();
  let told = 0;
  const waiter = { decideAgain: () => ++told > 0 };
  desk.join('a.example', { waiter });
  desk.inquiries.leave(judged('a.example'), waiter);
  await settle();
  desk.end('a.example');
  await settle();
  expect(told).toBe(0);
});

test('the queue has a bound, past which nobody joins but those whose domain is in it', async () => {
  const desk = new Desk();
  for (let i = 0; i < 1_002; i++) desk.join(`n${i}.example`, { program: `p${i % 10}` });
  await settle();
  expect(desk.inquiries.hasRoom('p10')).toBe(false);
  expect(desk.join('late.example', { program: 'p10' })).toBeNull();
  expect(desk.join('n1001.example', { program: 'p10' })).not.toBeNull();
});

test('one program takes no more than a quarter of the queue, and leaves the rest to others', async () => {
  const desk = new Desk();
  for (let i = 0; i < 2_000; i++) desk.join(`n${i}.example`, { program: 'noisy' });
  await settle();
  expect(desk.inquiries.waiting).toBe(250);
  expect(desk.inquiries.hasRoom('noisy')).toBe(false);
  expect(desk.inquiries.hasRoom('quiet')).toBe(true);
});

test('a program that has none under way goes before one that has many', async () => {
  const desk = new Desk();
  for (let i = 0; i < 100; i++) desk.join(`n${i}.example`, { program: 'noisy' });
  desk.join('quiet.example', { program: 'quiet' });
  await settle();
  desk.end('n0.example');
  await settle();
  expect(desk.began).toEqual(['n0.example', 'n1.example', 'quiet.example']);
});

test('a second program that asks for a name in the queue of a noisy one does not wait behind it', async () => {
  const desk = new Desk();
  for (let i = 0; i < 100; i++) desk.join(`n${i}.example`, { program: 'noisy' });
  desk.join('n99.example', { program: 'quiet' });
  await settle();
  desk.end('n0.example');
  await settle();
  expect(desk.began.at(-1)).toBe('n99.example');
});

test('names that nobody waits for any more come last', async () => {
  const desk = new Desk();
  const waiter = { decideAgain: () => false };
  for (const name of ['a.example', 'b.example', 'c.example', 'd.example']) desk.join(name, { waiter });
  desk.inquiries.leave(judged('c.example'), waiter);
  await settle();
  desk.end('a.example');
  await settle();
  desk.end('b.example');
  await settle();
  expect(desk.began.slice(2)).toEqual(['d.example', 'c.example']);
});

test('dropping the queue tells those who wait in it, and leaves what runs', async () => {
  const desk = new Desk();
  const told: string[] = [];
  for (const name of ['a.example', 'b.example', 'c.example'])
    desk.join(name, { waiter: { decideAgain: () => told.push(name) > 0 } });
  await settle();
  desk.inquiries.dropQueued();
  await settle();
  expect(told).toEqual(['c.example']);
  expect([desk.inquiries.running, desk.inquiries.waiting]).toEqual([2, 0]);
});

test('closing stops what runs, and is over when each of them has ended', async () => {
  const desk = new Desk();
  for (const name of ['a.example', 'b.example', 'c.example']) desk.join(name);
  await settle();
  await desk.inquiries.close();
  expect(desk.stopped).toEqual(['a.example', 'b.example']);
  expect(desk.ended).toEqual([5, 6]);
  expect([desk.inquiries.running, desk.inquiries.waiting]).toEqual([0, 0]);
});

test('after the close nothing begins, neither what was being prepared nor what comes', async () => {
  const desk = new Desk();
  const input = Promise.withResolvers<ReturnType<typeof sampleInput>>();
  desk.join('a.example', { prepare: () => input.promise });
  const closed = desk.inquiries.close();
  expect(desk.inquiries.hasRoom('curl')).toBe(false);
  expect(desk.join('b.example')).toBeNull();
  input.resolve(sampleInput('a.example'));
  await closed;
  expect(desk.began).toEqual([]);
});

test('after a restart all is asked anew in its order, with all who wait, and what ran ends as stopped', async () => {
  const desk = new Desk();
  const told: string[] = [];
  const names = ['a.example', 'b.example', 'c.example'];
  for (const name of names) desk.join(name, { waiter: { decideAgain: () => told.push(name) > 0 } });
  await settle();
  desk.inquiries.restart(() => true);
  await settle();
  expect(told).toEqual([]);
  expect(desk.stopped).toEqual(['a.example', 'b.example']);
  expect(desk.began).toEqual(['a.example', 'b.example', 'a.example', 'b.example']);
  expect([desk.inquiries.running, desk.inquiries.waiting]).toEqual([2, 1]);
  for (const name of names) {
    desk.end(name);
    await settle();
  }
  expect(told).toEqual(names);
  expect(new Set(desk.ended).size).toBe(5);
});

test('who waits for what a restart leaves out is told', async () => {
  const desk = new Desk();
  const told: string[] = [];
  for (const name of ['a.example', 'b.example', 'c.example'])
    desk.join(name, { waiter: { decideAgain: () => told.push(name) > 0 } });
  await settle();
  desk.inquiries.restart(({ domain }) => (domain as string) === 'b.example');
  expect(told).toEqual(['a.example', 'c.example']);
  expect([desk.inquiries.running, desk.inquiries.waiting]).toEqual([1, 0]);
});

test('an inquiry that breaks is told of, leaves its place, and those who wait for it are told', async () => {
  const desk = new Desk();
  let told = 0;
  const prepare = () => Promise.reject(new Error('no disk'));
  desk.join('a.example', { prepare, waiter: { decideAgain: () => ++told > 0 } });
  await settle();
  expect(desk.failed).toEqual(['Error: no disk']);
  expect(told).toBe(1);
  expect([desk.inquiries.running, desk.inquiries.get(judged('a.example'))]).toEqual([0, null]);
});

import { expect, test } from 'bun:test';
import { Inquiries, type Waiter } from '../../src/engine/inquiries.ts';
import type { Inquiry } from '../../src/judge/judge-types.ts';
import type { RegistrableDomain } from '../../src/model/brand.ts';
import { sampleInput, sampleInquiry } from './sample-inquiry.ts';

const domain = (name: string) => name as RegistrableDomain;

/** Inquiries whose ends the test decides. */
class Desk {
  atOnce = 2;
  readonly began: string[] = [];
  readonly ended: number[] = [];
  readonly stopped: string[] = [];
  readonly #ends = new Map<string, (inquiry: Inquiry) => void>();
  readonly inquiries = new Inquiries({
    firstId: 5,
    atOnce: () => this.atOnce,
    investigate: (input, id, onFindings, signal) => {
      this.began.push(input.domain);
      onFindings([`looking at ${input.domain}`]);
      const end = Promise.withResolvers<Inquiry>();
      this.#ends.set(input.domain, (inquiry) => end.resolve({ ...inquiry, id }));
      signal.addEventListener('abort', () => {
        this.stopped.push(input.domain);
        this.end(input.domain, { outcome: { kind: 'unsure', why: 'stopped', reasons: [], evidence: [] } });
      });
      return end.promise;
    },
    done: (inquiry) => this.ended.push(inquiry.id),
    changed: () => undefined,
  });

  join(name: string, waiter: Waiter = { decideAgain: () => false }): number | null {
    return this.inquiries.join(domain(name), async () => sampleInput(name), waiter)?.id ?? null;
  }

  end(name: string, part: Partial<Inquiry> = {}): void {
    this.#ends.get(name)?.(sampleInquiry(name, part));
  }
}

/** Lets all that is ready run. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('all who ask about one domain share one inquiry, and are all told', async () => {
  const desk = new Desk();
  const told: number[] = [];
  for (let i = 0; i < 10; i++) desk.join('a.example', { decideAgain: () => told.push(i) > 0 });
  await settle();
  expect(desk.began).toEqual(['a.example']);
  expect(desk.inquiries.get(domain('a.example'))?.findings).toEqual(['looking at a.example']);
  desk.end('a.example');
  await settle();
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(desk.ended).toEqual([5]);
  expect(desk.inquiries.get(domain('a.example'))).toBeNull();
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
  desk.join('a.example', waiter);
  desk.inquiries.leave(domain('a.example'), waiter);
  await settle();
  desk.end('a.example');
  await settle();
  expect(told).toBe(0);
});

test('the queue has a bound, past which nobody joins but those whose domain is in it', async () => {
  const desk = new Desk();
  for (let i = 0; i < 1_002; i++) desk.join(`n${i}.example`);
  await settle();
  expect(desk.inquiries.hasRoom).toBe(false);
  expect(desk.join('late.example')).toBeNull();
  expect(desk.join('n1001.example')).not.toBeNull();
});

test('dropping the queue tells those who wait in it, and leaves what runs', async () => {
  const desk = new Desk();
  const told: string[] = [];
  for (const name of ['a.example', 'b.example', 'c.example'])
    desk.join(name, { decideAgain: () => told.push(name) > 0 });
  await settle();
  desk.inquiries.dropQueued();
  await settle();
  expect(told).toEqual(['c.example']);
  expect([desk.inquiries.running, desk.inquiries.waiting]).toEqual([2, 0]);
});

test('closing stops what runs, and each that runs ends', async () => {
  const desk = new Desk();
  for (const name of ['a.example', 'b.example', 'c.example']) desk.join(name);
  await settle();
  desk.inquiries.close();
  await settle();
  expect(desk.stopped).toEqual(['a.example', 'b.example']);
  expect(desk.inquiries.running).toBe(0);
});

import { afterEach, expect, setSystemTime, test } from 'bun:test';
import { unknownOrigin } from '../../../src/attribute/attributor.ts';
import { type Config, configSchema } from '../../../src/config/schema.ts';
import { policyOf } from '../../../src/engine/policy.ts';
import type { ServerAlive } from '../../../src/judge/client/server-check.ts';
import { Judging } from '../../../src/judge/desk/judging.ts';
import type { JudgeSetup } from '../../../src/judge/desk/ports.ts';
import type { Host, Ip, RegistrableDomain, UnixMs } from '../../../src/model/brand.ts';
import type { Verdict } from '../../../src/model/flow.ts';
import type { Inquiry, KeptVerdict } from '../../../src/model/inquiry.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { compileRules } from '../../../src/policy/rules/rule-set.ts';
import { FeedbackBook } from '../../../src/scoring/feedback-book.ts';
import { Scoring } from '../../../src/scoring/scoring.ts';
import { sampleInquiry } from './sample-inquiry.ts';

afterEach(() => void setSystemTime());

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The last two labels; null for a name of one. */
function domainOf(host: string): RegistrableDomain | null {
  return host.includes('.') ? (host.split('.').slice(-2).join('.') as RegistrableDomain) : null;
}

function about(host: string | null, path: string | null = null): Subject {
  return {
    origin: { ...unknownOrigin('not_supported'), path },
    host: host as Host | null,
    domain: host === null ? null : domainOf(host),
    ip: '203.0.113.9' as Ip,
    port: 443,
    sniff: null,
    now: Date.now() as UnixMs,
  };
}

const NEW = { domain: 'new.example' as RegistrableDomain, app: null };
const STOPPED = { outcome: { kind: 'unsure', why: 'stopped', reasons: [], evidence: [] } } as const;
const UNREACHABLE = {
  failure: { why: 'unreachable', detail: 'ECONNREFUSED' },
  outcome: { kind: 'unsure', why: 'model_failed', reasons: [], evidence: [] },
} as const;

/** A judge whose server and inquiries the test plays. */
class Court {
  alive: ServerAlive = { kind: 'alive', detail: '' };
  readonly began: string[] = [];
  readonly recorded: Inquiry[] = [];
  readonly kept: KeptVerdict[] = [];
  readonly notices: string[] = [];
  readonly pastBlock = new Set<string>();
  stateChanges = 0;
  model = 'm1';
  firstSeen: () => Promise<UnixMs | null> = async () => null;
  /** What a model does that breaks its word. */
  broken: Error | null = null;
  readonly #ends: ((inquiry: Inquiry) => void)[] = [];
  readonly judging: Judging;

  constructor(
    judge: Partial<Config['judge']> = {},
    memory: Partial<ConstructorParameters<typeof Judging>[1]['memory']> = {},
  ) {
    this.judging = new Judging(this.config(judge), {
      store: {
        recordInquiry: (inquiry) => void this.recorded.push(inquiry),
        keepVerdict: (verdict) => void this.kept.push(verdict),
        forgetVerdict: () => undefined,
      },
      memory: { verdicts: [], tokens: 0, lastInquiry: 41, ...memory },
      background: {
        scores: () => [],
        listed: () => null,
        pastBlock: (host) => this.pastBlock.has(host),
        firstSeen: () => this.firstSeen(),
      },
      setUp: () => this.#setup(),
      notice: (text) => void this.notices.push(text),
      stateChanged: () => void this.stateChanges++,
      changed: () => undefined,
    });
  }

  config(judge: Partial<Config['judge']>): Config {
    return configSchema.parse({ judge });
  }

  #setup(): JudgeSetup {
    const { model } = this;
    return {
      model,
      promptVersion: 'p1',
      isAlive: async () => this.alive,
      investigate: (input, id, onFindings, signal) => {
        this.began.push(input.domain);
        onFindings([`looking at ${input.domain}`]);
        if (this.broken !== null) return Promise.reject(this.broken);
        const end = Promise.withResolvers<Inquiry>();
        const finish = (inquiry: Inquiry) => end.resolve({ ...inquiry, input, id, model });
        this.#ends.push(finish);
        signal.addEventListener('abort', () => finish(sampleInquiry('any.example', STOPPED)));
        return end.promise;
      },
      replay: async (inquiry, id) => ({ ...inquiry, id, replayOf: inquiry.id }),
      check: () => Promise.reject(new Error('not played here')),
    };
  }

  async end(part: Partial<Inquiry> = {}): Promise<void> {
    this.#ends.shift()?.(sampleInquiry('any.example', part));
    await settle();
  }

  /** Waits, turn by turn, until something is so. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await settle();
  }

  /** What decide says at steps 8 and 9. */
  says(host: string | null, path: string | null = null): Verdict | null {
    const q = about(host, path);
    return this.judging.kept(q) ?? this.judging.ask(q);
  }

  join(host: string, path: string | null = null): { told: number } {
    const waiter = { told: 0, decideAgain: () => ++waiter.told > 0 };
    this.judging.join(about(host, path), waiter);
    return waiter;
  }
}

async function openCourt(...args: ConstructorParameters<typeof Court>): Promise<Court> {
  const court = new Court(...args);
  await court.judging.open();
  return court;
}

test('a name that comes before its server has answered waits until it has', async () => {
  const court = new Court();
  expect(court.judging.status().state).toBe('unknown');
  expect(court.says('www.new.example')).toMatchObject({ kind: 'ask', stage: 'judge' });
  const waiter = court.join('www.new.example');
  expect(court.began).toEqual([]);
  await court.judging.open();
  await settle();
  expect([court.began, waiter.told]).toEqual([['new.example'], 0]);
});

test('a name that comes before its server is found to be gone is decided anew, without it', async () => {
  const court = new Court();
  court.alive = { kind: 'unreachable', detail: 'ECONNREFUSED' };
  const waiter = court.join('www.new.example');
  await court.judging.open();
  await settle();
  expect([court.began, waiter.told, court.says('www.new.example')]).toEqual([[], 1, null]);
});

test('a name with a domain of its own is asked about once, and its verdict holds for the domain', async () => {
  const court = await openCourt();
  expect(court.says('www.new.example')).toMatchObject({ kind: 'ask', stage: 'judge' });
  const [one, two] = [court.join('www.new.example'), court.join('api.new.example')];
  await settle();
  expect(court.began).toEqual(['new.example']);
  await court.end({
    outcome: { kind: 'block', why: 'judged', reasons: ['a phishing kit'], evidence: ['E1'] },
  });
  expect([one.told, two.told]).toEqual([1, 1]);
  expect(court.recorded.map((inquiry) => inquiry.id)).toEqual([42]);
  expect(court.says('third.new.example')).toMatchObject({
    kind: 'block',
    stage: 'cache',
    reason: 'cached',
    evidence: [{ kind: 'judge', inquiry: 42, text: 'm1: block: a phishing kit' }],
  });
});

test('what was found so far is told while the inquiry runs', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  const [domain, host] = ['new.example' as RegistrableDomain, 'new.example' as Host];
  expect(court.judging.findings({ domain, app: null }, host, Date.now() as UnixMs)).toEqual({
    inquiry: 42,
    findings: ['looking at new.example'],
  });
});

test('an explanation tells what was said of a name for other programs', async () => {
  const court = await openCourt();
  court.join('new.example', '/usr/bin/curl');
  await settle();
  await court.end();
  expect(court.says('new.example', '/usr/bin/curl')).toMatchObject({ kind: 'allow', stage: 'cache' });
  expect(court.says('new.example', '/usr/bin/wget')).toMatchObject({ stage: 'judge' });
  const texts = (path: string | null) =>
    court.judging.notes(about('new.example', path)).map(({ text }) => text);
  expect(texts('/usr/bin/curl')).toEqual([]);
  expect(texts(null)).toEqual(['for /usr/bin/curl m1 said allow, in inquiry 42']);
});

test('addresses and names without a domain are not for the judge', async () => {
  const court = await openCourt();
  expect(court.says(null)).toBeNull();
  expect(court.says('printer')).toBeNull();
});

test('an unsure judge is not asked again, and decides nothing', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  await court.end({
    outcome: { kind: 'unsure', why: 'judged', reasons: ['too little known'], evidence: [] },
  });
  expect(court.says('new.example')).toBeNull();
  expect(court.judging.found(about('www.new.example'))).toEqual([
    { kind: 'judge', inquiry: 42, text: 'm1: unsure: too little known' },
  ]);
  expect(court.judging.findings(NEW, 'new.example' as Host, Date.now() as UnixMs)).toEqual({
    inquiry: 42,
    findings: ['too little known'],
  });
});

const FAILED = {
  failure: { why: 'server_error', detail: 'HTTP 503: loading' },
  outcome: { kind: 'unsure', why: 'model_failed', reasons: ['HTTP 503: loading'], evidence: [] },
} as const;

test('nothing is kept of an inquiry that failed: who waited is told so, and the next connection is asked about anew', async () => {
  const court = await openCourt();
  const seen: unknown[] = [];
  const decideAgain = (): boolean => seen.push(court.says('new.example')) > 0;
  court.judging.join(about('new.example'), { decideAgain });
  await settle();
  await court.end(FAILED);
  // It goes on to the person: the inquiry that it would wait for is over.
  expect(seen).toEqual([null]);
  expect([court.kept, court.judging.learned()]).toEqual([[], []]);
  const text = 'm1 failed to give a verdict: HTTP 503: loading';
  expect(court.judging.found(about('www.new.example'))).toEqual([{ kind: 'judge', inquiry: 42, text }]);
  const now = Date.now() as UnixMs;
  expect(court.judging.findings(NEW, 'new.example' as Host, now)).toEqual({
    inquiry: 42,
    findings: [text],
  });
  expect(court.says('new.example')).toMatchObject({ kind: 'ask', stage: 'judge' });
  court.join('new.example');
  await settle();
  await court.end();
  expect(court.says('new.example')).toMatchObject({ kind: 'allow', stage: 'cache' });
  expect(court.judging.status().done).toBe(2);
});

test('a domain whose inquiries fail again and again is left alone for a while, another is not', async () => {
  const court = await openCourt();
  for (let i = 0; i < 2; i++) {
    expect(court.says('new.example')).toMatchObject({ stage: 'judge' });
    court.join('new.example');
    await settle();
    await court.end(FAILED);
  }
  expect(court.says('new.example')).toBeNull();
  expect(court.judging.notes(about('new.example'))[0]?.text).toMatch(
    /^the judge is not asked for 1 s: m1 failed to give a verdict: HTTP 503/,
  );
  expect(court.says('other.example')).toMatchObject({ stage: 'judge' });
  court.judging.forget('new.example' as RegistrableDomain);
  expect(court.says('new.example')).toMatchObject({ stage: 'judge' });
});

test('who waited for an inquiry that broke by a fault of ours does not wait on', async () => {
  const court = await openCourt();
  court.broken = new Error('no such thing');
  const seen: unknown[] = [];
  const decideAgain = (): boolean => seen.push(court.says('new.example')) > 0;
  court.judging.join(about('new.example'), { decideAgain });
  await settle();
  expect(seen).toEqual([null]);
});

test('an allow does not count for a name that the scores put past a block threshold', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  await court.end();
  expect(court.says('www.new.example')).toMatchObject({ kind: 'allow' });
  court.pastBlock.add('qx7v.new.example');
  expect(court.says('qx7v.new.example')).toBeNull();
  const texts = court.judging.found(about('qx7v.new.example')).map((item) => item.text);
  expect(texts.at(-1)).toContain('past a block threshold');
  expect(
    court.judging.findings(NEW, 'qx7v.new.example' as Host, Date.now() as UnixMs)?.findings[0],
  ).toContain('past a block threshold');
});

test('signs of an attempt stand in the evidence of every connection the verdict decides', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  const mark = { kind: 'instructions', evidence: 'E1', text: 'the page orders to allow it' } as const;
  await court.end({
    marks: [mark],
    outcome: { kind: 'block', why: 'judged', reasons: ['x'], evidence: ['E1'] },
  });
  expect(court.says('new.example')?.evidence.map((item) => item.text)).toEqual([
    'm1: block: x',
    '‼ the page orders to allow it',
  ]);
  expect(court.judging.status().marked).toBe(1);
});

test('a connection tells five signs of an attempt, and how many more there were', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  const marks = Array.from(
    { length: 24 },
    (_, i) => ({ kind: 'instructions', evidence: null, text: `m${i}` }) as const,
  );
  await court.end({ marks });
  const texts = court.says('new.example')?.evidence.map((item) => item.text) ?? [];
  expect(texts.slice(1)).toEqual([
    '‼ m0',
    '‼ m1',
    '‼ m2',
    '‼ m3',
    '‼ m4',
    '‼ and 19 more signs of an attempt',
  ]);
});

test('whileJudging decides without waiting, and says so', async () => {
  const court = await openCourt({ whileJudging: 'block' });
  expect(court.says('new.example')).toMatchObject({ kind: 'block', stage: 'judge', reason: 'while_judging' });
});

test('a server that is not there is told once, holds nobody, and those in the queue go on', async () => {
  const court = await openCourt();
  const waiters = Array.from({ length: 20 }, (_, i) => court.join(`n${i}.example`));
  await settle();
  expect(court.judging.status()).toMatchObject({ running: 8, waiting: 12 });
  await court.end(UNREACHABLE);
  expect(court.judging.status()).toMatchObject({ state: 'unreachable', waiting: 0 });
  expect(waiters.slice(8).map((waiter) => waiter.told)).toEqual(Array(12).fill(1));
  expect(court.says('other.example')).toBeNull();
  expect(court.notices.filter((text) => text.includes('ECONNREFUSED')).length).toBe(1);
  court.judging.close();
});

test('a server that refuses the key is not asked', async () => {
  const court = new Court();
  court.alive = { kind: 'refused', detail: '401' };
  await court.judging.open();
  expect(court.judging.status()).toMatchObject({ state: 'refused', detail: '401' });
  expect(court.says('new.example')).toBeNull();
  court.judging.close();
});

test('with the tokens of a day used up nobody is asked, and what is kept still counts', async () => {
  const court = await openCourt({ dailyTokens: 200 });
  court.join('new.example');
  await settle();
  await court.end();
  expect(court.says('other.example')).toMatchObject({ stage: 'judge' });
  court.join('other.example');
  await settle();
  await court.end();
  expect(court.judging.status()).toMatchObject({ state: 'out_of_tokens', tokensToday: 220 });
  expect(court.says('third.example')).toBeNull();
  expect(court.says('new.example')).toMatchObject({ kind: 'allow', stage: 'cache' });
});

test('tokens of before the start count', async () => {
  const court = await openCourt({ dailyTokens: 200 }, { tokens: 200 });
  expect(court.judging.status().state).toBe('out_of_tokens');
});

test('a day of tokens is told of once, and no clock that is set gives them back or takes them away', async () => {
  const court = await openCourt({ dailyTokens: 100 });
  for (const name of ['a.example', 'b.example', 'c.example']) court.join(name);
  await settle();
  // With so few left, one at a time.
  expect(court.judging.status()).toMatchObject({ running: 1, waiting: 2 });
  await court.end();
  expect(court.notices.filter((text) => text.includes('dailyTokens')).length).toBe(1);
  setSystemTime(Date.now() + 30 * 86_400_000);
  expect(court.judging.status()).toMatchObject({ state: 'out_of_tokens', waiting: 0 });
  setSystemTime(Date.now() - 300 * 86_400_000);
  court.judging.configure(court.config({ dailyTokens: 0 }));
  expect(court.says('d.example')).toMatchObject({ stage: 'judge' });
});

test('one program cannot use up the tokens of all', async () => {
  const court = await openCourt({ dailyTokens: 140 });
  court.join('a.example', '/tmp/noisy');
  await settle();
  await court.end();
  expect(court.judging.status().state).toBe('ready');
  expect(court.says('b.example', '/tmp/noisy')).toBeNull();
  expect(court.judging.notes(about('b.example', '/tmp/noisy'))[0]?.text).toContain('its part');
  expect(court.says('b.example', '/usr/bin/curl')).toMatchObject({ stage: 'judge' });
});

test('an explanation tells why the judge is not asked, and nothing when it is', async () => {
  const court = new Court();
  const why = (host: string | null) => court.judging.notes(about(host)).map(({ text }) => text);
  expect(why('new.example')).toEqual([]);
  court.alive = { kind: 'unreachable', detail: 'ECONNREFUSED at port 1234' };
  await court.judging.open();
  expect(why('new.example')[0]).toContain('ECONNREFUSED');
  court.alive = { kind: 'alive', detail: '' };
  await court.judging.open();
  expect(why('new.example')).toEqual([]);
  expect(why('printer')[0]).toContain('registrable domain only');
  expect(why(null)[0]).toContain('registrable domain only');
  await court.judging.close();
});

test('a policy that was made while nobody could be asked asks once somebody can', async () => {
  const court = await openCourt({ dailyTokens: 100 }, { tokens: 100 });
  const { judging } = court;
  const noScores = new Scoring(
    court.config({}),
    new FeedbackBook('/nowhere/feedback.json', String, () => {}),
    null,
  );
  const lists = { allow: () => null, block: () => null, allowIp: () => null, blockIp: () => null };
  const policy = policyOf(court.config({}), compileRules([]), lists, noScores, judging);
  expect(policy.judge?.(about('new.example')) ?? null).toBeNull();
  judging.configure(court.config({ dailyTokens: 1_000 }));
  expect(policy.judge?.(about('new.example'))).toMatchObject({ kind: 'ask', stage: 'judge' });
});

test('another model asks anew, and who waited for the old one waits for it', async () => {
  const court = await openCourt();
  const waiter = court.join('new.example');
  await settle();
  court.model = 'm2';
  court.judging.configure(court.config({ model: 'm2' }));
  // Before the new server has answered nobody is sent away.
  expect(court.says('www.new.example')).toMatchObject({ kind: 'ask', stage: 'judge' });
  await settle();
  expect(court.recorded.map(({ id, model, outcome }) => [id, model, outcome.why])).toEqual([
    [42, 'm1', 'stopped'],
  ]);
  expect(court.began).toEqual(['new.example', 'new.example']);
  expect(waiter.told).toBe(0);
  await court.end();
  await court.end();
  expect(waiter.told).toBe(1);
  expect(court.says('new.example')).toMatchObject({ kind: 'allow', stage: 'cache' });
  expect(court.kept.map((kept) => kept.model)).toEqual(['m2']);
});

test('what the old model said does not count for the new one', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  await court.end();
  court.model = 'm2';
  court.judging.configure(court.config({ model: 'm2' }));
  await settle();
  expect(court.says('new.example')).toMatchObject({ kind: 'ask', stage: 'judge' });
  expect(court.judging.learned()).toEqual([]);
});

test('what went wrong with the old server says nothing of the new one', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  const ended = court.end(UNREACHABLE);
  court.judging.configure(court.config({ apiUrl: 'http://127.0.0.1:2/v1' }));
  await ended;
  expect(court.judging.status()).toMatchObject({ state: 'ready', detail: null });
});

test('who waits for a model that is changed for a server that is not there goes on', async () => {
  const court = await openCourt();
  const waiter = court.join('new.example');
  await settle();
  court.alive = { kind: 'unreachable', detail: 'nobody' };
  court.judging.configure(court.config({ apiUrl: 'http://127.0.0.1:2/v1' }));
  await settle();
  expect(waiter.told).toBe(1);
  expect(court.says('new.example')).toBeNull();
  await court.judging.close();
});

test.each([{ holdMs: 5_000 }, { whileJudging: 'allow' }, { dailyTokens: 5_000_000 }] as const)(
  'a change of %j gives up no inquiry',
  async (part) => {
    const court = await openCourt();
    const waiter = court.join('new.example');
    await settle();
    court.judging.configure(court.config(part));
    await settle();
    expect([court.recorded.length, waiter.told, court.began.length]).toEqual([0, 0, 1]);
    await court.end();
    expect(waiter.told).toBe(1);
  },
);

test('a judge that is switched off while an inquiry is being prepared sends all who wait on', async () => {
  const court = await openCourt();
  const seen = Promise.withResolvers<UnixMs | null>();
  court.firstSeen = () => seen.promise;
  const waiters = [court.join('new.example'), court.join('new.example')];
  court.judging.configure(court.config({ enabled: false }));
  seen.resolve(null);
  await settle();
  expect(waiters.map((waiter) => waiter.told)).toEqual([1, 1]);
  expect(court.began).toEqual([]);
  expect(court.says('new.example')).toBeNull();
});

test('an inquiry begins without the ledger when that does not answer, or fails', async () => {
  const court = await openCourt();
  court.firstSeen = () => new Promise(() => undefined);
  court.join('a.example');
  court.firstSeen = () => Promise.reject(new Error('no disk'));
  court.join('b.example');
  await court.until(() => court.began.length === 2);
  expect(court.began).toEqual(['b.example', 'a.example']);
});

test('a model that breaks its word is told of, and those who wait are told', async () => {
  const court = await openCourt();
  court.broken = new Error('no such thing');
  const waiter = court.join('new.example');
  await settle();
  expect(waiter.told).toBe(1);
  expect(court.notices.at(-1)).toContain('no such thing');
  expect(court.judging.status()).toMatchObject({ running: 0, waiting: 0 });
});

test('who waits for an inquiry under way stays with it when its server counts as gone', async () => {
  const court = await openCourt();
  court.join('a.example');
  court.join('b.example');
  await settle();
  await court.end(UNREACHABLE);
  expect(court.judging.status()).toMatchObject({ state: 'unreachable', running: 1 });
  expect(court.says('b.example')).toMatchObject({ kind: 'ask', stage: 'judge' });
  expect(court.says('c.example')).toBeNull();
  await court.judging.close();
});

test('a server that fails is not given more at once', async () => {
  const court = await openCourt();
  const failure = { why: 'server_error', detail: '500' } as const;
  for (let i = 0; i < 20; i++) court.join(`n${i}.example`);
  await settle();
  await court.end({ ...UNREACHABLE, failure });
  expect(court.judging.status().running).toBe(8);
});

test('a key that was refused is tried again when the files are read again', async () => {
  const court = new Court();
  court.alive = { kind: 'refused', detail: '401' };
  await court.judging.open();
  court.alive = { kind: 'alive', detail: '' };
  court.judging.configure(court.config({}));
  await settle();
  expect(court.judging.status().state).toBe('ready');
});

test('the end of the engine waits for what its end stops to be written down', async () => {
  const court = await openCourt();
  const waiter = court.join('new.example');
  await settle();
  await court.judging.close();
  expect(court.recorded.map(({ id, outcome }) => [id, outcome.why])).toEqual([[42, 'stopped']]);
  expect(waiter.told).toBe(0);
  expect(court.says('other.example')).toBeNull();
});

test('the judge that is off says nothing', async () => {
  const court = new Court({ enabled: false });
  expect(court.says('new.example')).toBeNull();
  expect(court.judging.status().state).toBe('off');
  expect(court.judging.check(new AbortController().signal)).rejects.toThrow('judge.enabled');
});

test('a verdict that is taken back is asked for anew', async () => {
  const court = await openCourt();
  court.join('new.example');
  await settle();
  await court.end();
  expect(court.judging.learned().map((kept) => kept.domain as string)).toEqual(['new.example']);
  expect(court.judging.forget('new.example' as RegistrableDomain)).toBe(true);
  expect(court.says('new.example')).toMatchObject({ stage: 'judge' });
});

test('a replay gets an id of its own, is recorded, and decides nothing', async () => {
  const court = await openCourt();
  const again = await court.judging.replay(sampleInquiry('new.example'), new AbortController().signal);
  expect(again).toMatchObject({ id: 42, replayOf: 1 });
  expect(court.recorded).toEqual([again]);
  expect(court.says('new.example')).toMatchObject({ stage: 'judge' });
});

test('a replay costs tokens of the day, and is not made when there are none left', async () => {
  const court = await openCourt({ dailyTokens: 100 });
  const { signal } = new AbortController();
  await court.judging.replay(sampleInquiry('new.example'), signal);
  expect(court.judging.status().state).toBe('out_of_tokens');
  expect(court.judging.replay(sampleInquiry('new.example'), signal)).rejects.toThrow('dailyTokens');
});

const ENDS: readonly Partial<Inquiry>[] = [
  {},
  UNREACHABLE,
  { outcome: { kind: 'unsure', why: 'judged', reasons: [], evidence: [] } },
  { outcome: { kind: 'block', why: 'judged', reasons: [], evidence: ['E1'] } },
  { outcome: { kind: 'unsure', why: 'time_over', reasons: [], evidence: [] } },
];

test.each(Array.from({ length: 40 }, (_, seed) => seed))(
  'whatever comes in whatever order, nobody waits for nothing (%d)',
  async (seed) => {
    const court = await openCourt({ dailyTokens: 2_000 });
    let state = seed * 2_654_435_761 + 1;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return (state >>> 8) % below;
    };
    const waiting: { readonly host: string; readonly app: string; readonly waiter: { told: number } }[] = [];
    const acts: readonly (() => unknown)[] = [
      ...Array.from({ length: 6 }, () => () => {
        const host = `n${random(30)}.example`;
        const app = `/bin/p${random(4)}`;
        if (court.says(host, app)?.stage !== 'judge') return;
        waiting.push({ host, app, waiter: court.join(host, app) });
      }),
      () => court.end(ENDS[random(ENDS.length)]),
      () => court.end(ENDS[random(ENDS.length)]),
      () => {
        court.model = `m${random(3)}`;
        court.judging.configure(court.config({ model: court.model, dailyTokens: 2_000 * random(3) }));
      },
      () => court.judging.configure(court.config({ model: court.model, holdMs: 1_000 + random(9) })),
      () => court.judging.configure(court.config({ enabled: random(2) === 0 })),
      () => {
        court.alive = {
          kind: (['alive', 'alive', 'unreachable', 'refused'] as const)[random(4)] ?? 'alive',
          detail: '',
        };
        return court.judging.open();
      },
      settle,
    ];
    for (let i = 0; i < 300; i++) {
      await acts[random(acts.length)]?.();
      // Whoever was not told waits for an inquiry that there is.
      for (const { host, app, waiter } of waiting) {
        const { inquiry } =
          court.judging.findings(
            { domain: host as RegistrableDomain, app },
            host as Host,
            Date.now() as UnixMs,
          ) ?? {};
        const waits = [court.says(host, app)?.stage, typeof inquiry];
        if (waiter.told === 0) expect([host, ...waits]).toEqual([host, 'judge', 'number']);
      }
    }
    court.alive = { kind: 'alive', detail: '' };
    await court.judging.open();
    while (court.judging.status().running > 0) await court.end();
    expect(court.judging.status()).toMatchObject({ running: 0, waiting: 0 });
    expect(waiting.filter(({ waiter }) => waiter.told === 0)).toEqual([]);
    expect(new Set(court.recorded.map(({ id }) => id)).size).toBe(court.recorded.length);
    await court.judging.close();
  },
);

import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedModel } from '../../lists/score/embedded-model.ts';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import { type Config, configSchema } from '../../src/config/schema.ts';
import type { Host, Ip, Pid, RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { Subject } from '../../src/model/subject.ts';
import { FeedbackBook } from '../../src/scoring/feedback-book.ts';
import { type Ages, Scoring } from '../../src/scoring/scoring.ts';

const folder = mkdtempSync(join(tmpdir(), 'resolagent-scoring-'));
afterAll(() => rmSync(folder, { recursive: true }));
const MODEL = embeddedModel();
const GENERATED = [
  'xjwqkzvbpdfh',
  'qzkxvwjtrpbn',
  'zvkqxjwpmhtd',
  'wqxzjkvbtrnp',
  'kxqzwvjhpdtb',
  'vzqkxwjbnrtp',
];
let files = 0;

function book(path = join(folder, `${files++}.json`)): FeedbackBook {
  return new FeedbackBook(
    path,
    (host) => host.split('.')[0] ?? '',
    (text) => {
      throw new Error(text);
    },
  );
}

function scoring(config: object = {}, ages: Ages | null = null, feedback = book()): Scoring {
  return new Scoring(configSchema.parse(config) as Config, feedback, ages, MODEL);
}

/** All weight on one signal. */
const ONLY = (signal: string): Record<string, number> => ({
  ...{ age: 0, entropy: 0, brand: 0, tld: 0, keywords: 0, subdomains: 0, length: 0 },
  [signal]: 1,
});

function question(host: string | null, pid: number | null = null): Subject {
  const origin = { ...unknownOrigin('not_supported'), pid: pid as Pid | null };
  return {
    origin,
    host: host as Host | null,
    domain: null,
    ip: '203.0.113.1' as Ip,
    port: 443,
    sniff: null,
    now: 0 as UnixMs,
  };
}

const rule = (action: 'allow' | 'block', host: string, app: string | null = null): Rule => ({
  id: `${host}` as RuleId,
  action,
  host,
  port: null,
  app,
  user: null,
  until: null,
  createdAt: 1 as UnixMs,
  origin: 'screen',
  note: null,
});

test('an ordinary name is trusted, with the score as evidence', () => {
  const verdict = scoring().trust(question('www.river-bakery.org'));
  expect(verdict).toMatchObject({
    kind: 'allow',
    stage: 'trust',
    reason: 'trusted',
    evidence: [{ kind: 'score', signal: 'trust' }],
  });
});

test('a name made to deceive is blocked by name, and says by which model', () => {
  const s = scoring();
  const verdict = s.generated(question('paypal-login-verify-account.xyz'));
  expect(verdict).toMatchObject({
    kind: 'block',
    stage: 'generated',
    reason: 'deceptive_name',
  });
  expect(verdict?.evidence[0]).toMatchObject({ kind: 'score', signal: 'phishing' });
  expect(s.trust(question('paypal-login-verify-account.xyz'))).toBeNull();
});

test('a bare address is not scored', () => {
  const s = scoring();
  expect([s.generated(question(null)), s.trust(question(null)), s.notes(question(null), 'trust')]).toEqual([
    null,
    null,
    [],
  ]);
});

test('trust.tolerance and trust.weights decide what an ordinary name comes to', () => {
  const q = question('www.river-bakery.org');
  expect(scoring({ trust: { tolerance: 100 } }).trust(q)).toBeNull();
  expect(scoring({ trust: { tolerance: 99.9, weights: ONLY('keywords') } }).trust(q)?.kind).toBe('allow');
  const tld = scoring({ trust: { tolerance: 85, weights: ONLY('tld') } });
  expect(tld.trust(q)).toBeNull();
  expect(tld.notes(q, 'trust')[0]).toMatchObject({ signal: 'trust', value: 80 });
});

test('a weight that is not given is the seed’s, and all count in proportion', () => {
  const trust = (weights: object) =>
    scoring({ trust: { weights } }).notes(question('river-bakery.org'), 'trust');
  const ten = { age: 2.5, entropy: 2, brand: 2, tld: 1.5, keywords: 1, subdomains: 0.5, length: 0.5 };
  expect(trust(ten)).toEqual(trust({}));
  expect(trust({ keywords: 50 })).not.toEqual(trust({}));
});

test('where only signals that are not known have a weight nothing is trusted', () => {
  expect(
    scoring({ trust: { tolerance: 1, weights: ONLY('age') } }).trust(question('river-bakery.org')),
  ).toBeNull();
});

test('entropy.tolerance decides from which value on a name is doubtful', () => {
  const q = question('a8k2m5x9q1.org');
  const lenient = scoring({ entropy: { tolerance: 5 } });
  const value = lenient.score(q.host as Host).entropy;
  expect(lenient.score(q.host as Host).decidedBy).not.toBe('entropy');
  const strict = scoring({ entropy: { tolerance: value - 0.1 }, generated: { enabled: false } });
  expect(strict.score(q.host as Host)).toMatchObject({ outcome: 'escalate', decidedBy: 'entropy' });
});

test('a doubtful name is neither blocked nor trusted', () => {
  const s = scoring({ generated: { escalate: 0, block: 1 }, phishing: { enabled: false } });
  const q = question('river-bakery.org');
  expect([s.generated(q), s.trust(q)]).toEqual([null, null]);
});

test('a model that is switched off decides nothing', () => {
  const off = scoring({ generated: { enabled: false }, phishing: { enabled: false } });
  expect(off.generated(question('paypal-login-verify-account.xyz'))).toBeNull();
});

test('entropy.action = "block" blocks by the entropy value alone', () => {
  const config = {
    entropy: { action: 'block', tolerance: 2 },
    generated: { enabled: false },
    phishing: { enabled: false },
  };
  expect(scoring(config).generated(question('river-bakery.org'))).toMatchObject({
    kind: 'block',
    reason: 'generated_name',
  });
});

test('a burst of generated-looking names of one process raises them all, and no other process', () => {
  const s = scoring();
  const hosts = GENERATED.map((label) => `${label}.com`);
  const before = hosts.map((host) => s.generated(question(host, 7))?.kind ?? s.score(host as Host).outcome);
  for (const host of hosts) s.observe(question(host, 7).origin, host as Host);
  const after = hosts.map((host) => s.generated(question(host, 7))?.kind);
  expect(before).toContain('escalate');
  expect(after.every((kind) => kind === 'block')).toBe(true);
  expect(s.generated(question(hosts[0] ?? '', 7))?.evidence.at(-1)).toMatchObject({ signal: 'burst' });
  expect(hosts.map((host) => s.generated(question(host, 8))?.kind ?? s.score(host as Host).outcome)).toEqual(
    before,
  );
});

test('asks for an age only when the verdict rests on it, once, and waits no longer than it may', async () => {
  const asked: string[] = [];
  const known = new Map<string, number | null>();
  const ages: Ages = {
    days: (domain) => known.get(domain),
    ask: (domain) => {
      asked.push(domain);
      return new Promise(() => undefined);
    },
  };
  const s = scoring({ trust: { waitMs: 20 } }, ages);
  const q = question('www.river-bakery.org');
  const verdict = s.trust(q);
  if (verdict === null) throw new Error('expected trust');
  await s.missingAge(q, verdict);
  expect(asked).toEqual(['river-bakery.org']);
  expect(s.missingAge(q, { kind: 'block', stage: 'rules', reason: 'rule', evidence: [] })).toBeNull();
  known.set('river-bakery.org', 3);
  expect(s.missingAge(q, verdict)).toBeNull();
  expect(
    s.notes(q, 'trust').find((item) => item.kind === 'score' && item.signal === 'trust.age'),
  ).toMatchObject({ value: 0 });
});

test('a domain known to be new is trusted less than one whose age is unknown', () => {
  const days = (value: number | null | undefined): Ages => ({
    days: () => value,
    ask: async () => undefined,
  });
  const value = (ages: Ages): number => {
    const [first] = scoring({}, ages).notes(question('river-bakery.org'), 'trust');
    return first?.kind === 'score' ? (first.value ?? 0) : 0;
  };
  expect(value(days(1))).toBeLessThan(value(days(undefined)));
  expect(value(days(null))).toBe(value(days(undefined)));
  expect(value(days(4_000))).toBeGreaterThan(value(days(undefined)));
});

test('an override moves similar names, is kept over a restart, and can be taken back', async () => {
  const path = join(folder, 'kept.json');
  const feedback = book(path);
  const s = scoring({}, null, feedback);
  const before = s.score('zzqtracker2.com' as Host).generated;
  feedback.learn([
    rule('block', 'zzqtracker.com'),
    rule('block', 'other.com', '/usr/bin/curl'),
    rule('block', '203.0.113.0/24'),
  ]);
  expect(feedback.list().map((example) => example.host)).toEqual(['zzqtracker.com' as Host]);
  expect(s.score('zzqtracker2.com' as Host).generated).toBeGreaterThan(before);
  expect(
    s
      .notes(question('zzqtracker2.com'), 'generated')
      .some((item) => item.text.includes('what you said about names like this one')),
  ).toBe(true);
  await feedback.settled();
  expect(book(path).list()).toHaveLength(1);
  expect(feedback.forget('nobody.example')).toBe(false);
  expect(feedback.forget('ZZQtracker.com.')).toBe(true);
  expect(s.score('zzqtracker2.com' as Host).generated).toBe(before);
  await feedback.settled();
});

test('a damaged file of overrides is told of and not used', () => {
  const path = join(folder, 'bad.json');
  writeFileSync(path, '{"examples":[{"host":1}]}');
  const said: string[] = [];
  const damaged = new FeedbackBook(
    path,
    () => '',
    (text) => said.push(text),
  );
  expect(damaged.list()).toEqual([]);
  expect(said.join()).toContain(path);
  expect(readFileSync(path, 'utf8')).toContain('host');
});

test.each([
  ['www.new-shop.example', 'new-shop.example'],
  ['a.b.github.io', 'b.github.io'],
  ['www.shop.co.uk', 'shop.co.uk'],
  ['some-host.duckdns.org', 'some-host.duckdns.org'],
  ['bucket.s3.amazonaws.com', 'bucket.s3.amazonaws.com'],
  // No public suffix divides these zones: whoever speaks of one customer must not speak of all.
  ['paypal-login.b-cdn.net', 'paypal-login.b-cdn.net'],
  ['bucket.eu-central-1.wasabisys.com', 'bucket.eu-central-1.wasabisys.com'],
  ['_dmarc.new-shop.example', 'new-shop.example'],
  ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
  ['co.uk', null],
  ['github.io', null],
  ['printer', null],
])('a verdict on %s is for %p', (host, domain) => {
  expect(scoring().judgedDomain(host as Host) as string | null).toBe(domain);
});

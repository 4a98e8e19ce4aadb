import { expect, test } from 'bun:test';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import type { Host, Ip, RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { CheckedRule } from '../../src/policy/rules/text.ts';
import {
  RuleBook,
  type RuleChange,
  type RuleOutcome,
  type RuleStore,
  type RuleUpdate,
} from '../../src/rules/rule-book.ts';
import type { RuleDraft } from '../../src/schema/rule.ts';
import { checked } from '../policy/examples.ts';

const NOW = 1_000 as UnixMs;
const draft = (action: 'allow' | 'block', host: string, more: Partial<RuleDraft> = {}): RuleDraft => ({
  action,
  host,
  port: null,
  app: null,
  user: null,
  until: null,
  note: null,
  ...more,
});

/** A store that keeps rules as long as the test runs. */
class MemoryStore implements RuleStore {
  readonly health = { error: null, notice: null };
  rules: readonly Rule[] = [];
  async read(): Promise<readonly CheckedRule[]> {
    return this.rules.map(checked);
  }
  async save(rules: readonly Rule[]): Promise<boolean> {
    this.rules = rules;
    return true;
  }
  async keep(): Promise<void> {}
}

/** A book, what it announced, and what it kept. */
function newBook(cut = 0): { book: RuleBook; store: MemoryStore; told: RuleChange[] } {
  const store = new MemoryStore();
  const told: RuleChange[] = [];
  const onChange = async (change: RuleChange): Promise<number> => {
    told.push(change);
    return cut;
  };
  return { book: new RuleBook(store, onChange), store, told };
}

function done(outcome: RuleOutcome): RuleUpdate {
  if (!outcome.ok) throw new Error(outcome.error);
  return outcome;
}

/** A rule of a file. */
const ofFile = (
  action: 'allow' | 'block',
  host: string,
  n: number,
  until: number | null = null,
): CheckedRule =>
  checked({
    ...draft(action, host),
    id: `file:x.toml:${n}` as RuleId,
    until: until as UnixMs | null,
    createdAt: NOW,
    origin: 'file',
  });

function wins(book: RuleBook, host: string): string | null {
  const question = {
    origin: unknownOrigin('not_supported'),
    host: host as Host,
    domain: null,
    ip: '203.0.113.1' as Ip,
    port: 443,
    sniff: null,
    now: NOW,
  };
  const rule = book.set.match(question);
  return rule === null ? null : `${rule.action} ${rule.host}`;
}

test('a rule counts at once, in its one spelling', async () => {
  const { book } = newBook();
  await book.add([draft('block', 'BÜCHER.example.')], 'command', NOW);
  expect(wins(book, 'www.xn--bcher-kva.example')).toBe('block xn--bcher-kva.example');
});

test('the opposite rule on the same terms takes its place, and undo brings it back', async () => {
  const { book, store } = newBook();
  await book.add([draft('block', 'a.example')], 'screen', NOW);
  const made = done(await book.add([draft('allow', 'a.example')], 'screen', NOW));
  expect(book.all()).toHaveLength(1);
  expect(wins(book, 'a.example')).toBe('allow a.example');
  await (await book.undo(made.change)).settled;
  expect(wins(book, 'a.example')).toBe('block a.example');
  expect(store.rules).toMatchObject([{ action: 'block', host: 'a.example' }]);
});

test('a rule for one program does not replace the one for all', async () => {
  const { book } = newBook();
  await book.add([draft('block', 'a.example')], 'command', NOW);
  await book.add([draft('allow', 'a.example', { app: '/usr/bin/curl' })], 'command', NOW);
  expect(book.all()).toHaveLength(2);
});

test('one bad rule of many changes nothing, and is named', async () => {
  const { book, told } = newBook();
  const outcome = await book.add([draft('block', 'a.example'), draft('block', 'b c')], 'import', NOW);
  expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('rule 2: host "b c"') });
  const alone = await book.add([draft('block', 'a.example', { app: 'bin/curl' })], 'command', NOW);
  expect(alone).toMatchObject({ ok: false, error: expect.stringMatching(/^app "bin\/curl": /) });
  expect([book.all(), told]).toEqual([[], []]);
});

test('every change is announced when it is in force, and tells how many connections it cut', async () => {
  const store = new MemoryStore();
  const told: string[] = [];
  const book: RuleBook = new RuleBook(store, async ({ why, added, removed }) => {
    told.push(`${why} +${added.length} -${removed.length}: ${wins(book, 'a.example')}`);
    return told.length;
  });
  const made = done(await book.add([draft('block', 'a.example')], 'command', NOW));
  expect(await made.settled).toEqual({ resetFlows: 1, saved: true });
  const gone = done(await book.remove(book.all()[0]?.id ?? ''));
  expect(await gone.settled).toEqual({ resetFlows: 2, saved: true });
  expect(await (await book.undo(gone.change)).settled).toEqual({ resetFlows: 3, saved: true });
  await book.loadFiles([ofFile('allow', '=a.example', 1)], NOW);
  await book.loadFiles([], NOW);
  expect(told).toEqual([
    'added +1 -0: block a.example',
    'removed +0 -1: null',
    'undone +1 -0: block a.example',
    'files +1 -0: allow =a.example',
    'files +0 -1: block a.example',
  ]);
});

test('a rule that has ended already is refused, and one that ends goes, is announced once and is not kept', async () => {
  const { book, store, told } = newBook();
  expect(await book.add([draft('block', 'a.example', { until: 5 })], 'command', NOW)).toMatchObject({
    ok: false,
  });
  const drafts = [
    draft('block', 'a.example', { until: 2_000 }),
    draft('block', 'b.example', { until: 2_001 }),
  ];
  await done(await book.add(drafts, 'command', NOW)).settled;
  expect(store.rules).toHaveLength(2);
  told.length = 0;
  await book.tick(1_999 as UnixMs);
  expect(told).toEqual([]);
  await book.tick(2_000 as UnixMs);
  expect(told).toMatchObject([{ why: 'ended', added: [], removed: [{ rule: { host: 'a.example' } }] }]);
  expect([book.all(), store.rules]).toMatchObject([[{ host: 'b.example' }], [{ host: 'b.example' }]]);
  await book.tick(2_000 as UnixMs);
  expect(told).toHaveLength(1);
  // A clock that was set far ahead ends all that is due.
  await book.tick(900_000 as UnixMs);
  expect([book.all(), told.length]).toEqual([[], 2]);
});

test('a rule of a file that ends is announced once, stays in its file, and counts again when the clock is set back', async () => {
  const { book, told } = newBook();
  await book.loadFiles([ofFile('block', 'a.example', 1, 2_000), ofFile('block', 'b.example', 2)], NOW);
  told.length = 0;
  for (const now of [1_999, 2_000, 2_001, 3_000, 1_000, 1_001]) await book.tick(now as UnixMs);
  expect(told).toMatchObject([
    { why: 'ended', removed: [{ rule: { host: 'a.example' } }] },
    { why: 'ended', removed: [] },
  ]);
  expect(book.all()).toHaveLength(2);
  await book.loadFiles([ofFile('block', 'a.example', 1, 2_000)], 5_000 as UnixMs);
  await book.tick(5_001 as UnixMs);
  expect(told.map(({ why }) => why)).toEqual(['ended', 'ended', 'files']);
});

test('the rules that were kept are in force after a restart', async () => {
  const { book, store } = newBook();
  await done(await book.add([draft('block', 'a.example')], 'command', NOW)).settled;
  const next = new RuleBook(store, async () => 0);
  await next.load();
  expect([next.all(), wins(next, 'a.example')]).toEqual([book.all(), 'block a.example']);
});

test('an unknown id is named, and a rule of a file cannot be removed', async () => {
  const { book } = newBook();
  await book.loadFiles([ofFile('block', 'a.example', 1)], NOW);
  expect(await book.remove('nope')).toMatchObject({
    ok: false,
    error: expect.stringContaining('no rule nope'),
  });
  expect(await book.remove('file:x.toml:1')).toMatchObject({
    ok: false,
    error: expect.stringContaining('rules.d'),
  });
});

test('rules of files are replaced by what the files say next', async () => {
  const { book } = newBook();
  await book.loadFiles([ofFile('block', 'a.example', 1), ofFile('block', 'b.example', 2)], NOW);
  await book.loadFiles([ofFile('allow', 'a.example', 1)], NOW);
  expect([wins(book, 'a.example'), wins(book, 'b.example')]).toEqual(['allow a.example', null]);
});

test('thousands of rules go in, hold and come out', async () => {
  const { book } = newBook();
  const drafts = Array.from({ length: 1_050 }, (_, i) => draft('block', `n${i}.example`));
  const made = done(await book.add(drafts, 'import', NOW));
  expect([wins(book, 'n0.example'), wins(book, 'n1049.example')]).toEqual([
    'block n0.example',
    'block n1049.example',
  ]);
  await book.undo(made.change);
  expect(book.all()).toEqual([]);
  expect(wins(book, 'n1049.example')).toBeNull();
});

test('a rule that is removed while thousands are still being put in force does not stay behind', async () => {
  const { book } = newBook();
  const drafts = Array.from({ length: 1_050 }, (_, i) => draft('block', `n${i}.example`));
  const adding = book.add(drafts, 'import', NOW);
  while (book.all().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await book.remove(book.all().find((rule) => rule.host === 'n1049.example')?.id ?? '');
  await adding;
  expect(book.all()).toHaveLength(1_049);
  expect([wins(book, 'n0.example'), wins(book, 'n1049.example')]).toEqual(['block n0.example', null]);
});

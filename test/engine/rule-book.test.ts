import { expect, test } from 'bun:test';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import { RuleBook, type RuleStore } from '../../src/engine/rule-book.ts';
import type { Host, Ip, RuleId, UnixMs } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { RuleDraft } from '../../src/schema/rule.ts';

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

/** A store that keeps rules the way the ledger does. */
class MemoryStore implements RuleStore {
  readonly rules = new Map<RuleId, Rule>();
  async saveRules(added: readonly Rule[], removed: readonly RuleId[]): Promise<{ saved: boolean }> {
    for (const id of removed) this.rules.delete(id);
    for (const rule of added) this.rules.set(rule.id, rule);
    return { saved: true };
  }
}

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
  const book = new RuleBook(new MemoryStore());
  await book.add([draft('block', 'BÜCHER.example.')], 'command', NOW);
  expect(wins(book, 'www.xn--bcher-kva.example')).toBe('block xn--bcher-kva.example');
});

test('the opposite rule on the same terms takes its place, and undo brings it back', async () => {
  const store = new MemoryStore();
  const book = new RuleBook(store);
  await book.add([draft('block', 'a.example')], 'screen', NOW);
  const made = await book.add([draft('allow', 'a.example')], 'screen', NOW);
  expect(book.all()).toHaveLength(1);
  expect(wins(book, 'a.example')).toBe('allow a.example');
  if (!made.ok) throw new Error(made.error);
  await book.save(await book.undo(made.change));
  expect(wins(book, 'a.example')).toBe('block a.example');
});

test('a rule for one program does not replace the one for all', async () => {
  const book = new RuleBook(new MemoryStore());
  await book.add([draft('block', 'a.example')], 'command', NOW);
  await book.add([draft('allow', 'a.example', { app: '/usr/bin/curl' })], 'command', NOW);
  expect(book.all()).toHaveLength(2);
});

test('one bad rule of many changes nothing, and is named', async () => {
  const book = new RuleBook(new MemoryStore());
  const outcome = await book.add([draft('block', 'a.example'), draft('block', 'b c')], 'import', NOW);
  expect(outcome).toMatchObject({ ok: false, error: expect.stringContaining('rule 2: host "b c"') });
  expect(book.all()).toEqual([]);
});

test('a rule that has ended already is refused, and one that ends goes', async () => {
  const store = new MemoryStore();
  const book = new RuleBook(store);
  expect(await book.add([draft('block', 'a.example', { until: 5 })], 'command', NOW)).toMatchObject({
    ok: false,
  });
  const made = await book.add([draft('block', 'a.example', { until: 2_000 })], 'command', NOW);
  if (!made.ok) throw new Error(made.error);
  await book.save(made.change);
  expect(store.rules.size).toBe(1);
  await book.expire(3_000 as UnixMs);
  expect(book.all()).toEqual([]);
  expect(store.rules.size).toBe(0);
});

test('an unknown id is named, and a rule of a file cannot be removed', async () => {
  const book = new RuleBook(new MemoryStore());
  const rule: Rule = {
    ...draft('block', 'a.example'),
    id: 'file:x.toml:1' as RuleId,
    until: null,
    createdAt: NOW,
    origin: 'file',
  };
  await book.loadFiles([rule]);
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
  const book = new RuleBook(new MemoryStore());
  const rule = (action: 'allow' | 'block', host: string, n: number): Rule => ({
    ...draft(action, host),
    id: `file:x.toml:${n}` as RuleId,
    until: null,
    createdAt: NOW,
    origin: 'file',
  });
  await book.loadFiles([rule('block', 'a.example', 1), rule('block', 'b.example', 2)]);
  await book.loadFiles([rule('allow', 'a.example', 1)]);
  expect([wins(book, 'a.example'), wins(book, 'b.example')]).toEqual(['allow a.example', null]);
});

test('thousands of rules go in, hold and come out', async () => {
  const book = new RuleBook(new MemoryStore());
  const drafts = Array.from({ length: 1_050 }, (_, i) => draft('block', `n${i}.example`));
  const made = await book.add(drafts, 'import', NOW);
  expect([wins(book, 'n0.example'), wins(book, 'n1049.example')]).toEqual([
    'block n0.example',
    'block n1049.example',
  ]);
  if (!made.ok) throw new Error(made.error);
  await book.undo(made.change);
  expect(book.all()).toEqual([]);
  expect(wins(book, 'n1049.example')).toBeNull();
});

test('a rule that is removed while thousands are still being put in force does not stay behind', async () => {
  const book = new RuleBook(new MemoryStore());
  const drafts = Array.from({ length: 1_050 }, (_, i) => draft('block', `n${i}.example`));
  const adding = book.add(drafts, 'import', NOW);
  while (book.all().length === 0) await new Promise((resolve) => setImmediate(resolve));
  await book.remove(book.all().find((rule) => rule.host === 'n1049.example')?.id ?? '');
  await adding;
  expect(book.all()).toHaveLength(1_049);
  expect([wins(book, 'n0.example'), wins(book, 'n1049.example')]).toEqual(['block n0.example', null]);
});

import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { unknownOrigin } from '../../../src/attribute/attributor.ts';
import type { Uid } from '../../../src/model/brand.ts';
import { type Origin, UNKNOWN_ORIGINS } from '../../../src/model/flow.ts';
import type { Rule } from '../../../src/model/rule.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { checked, compile, NOW, program, question, rule } from '../examples.ts';

/** An address as a number, and how many bits it has; reads only what this test makes. */
function bitsOf(ip: string): { value: bigint; width: number } {
  if (!ip.includes(':'))
    return { value: ip.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n), width: 32 };
  const [head = '', tail = ''] = ip.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const middle = Array(8 - groups(head).length - groups(tail).length).fill('0');
  const all = [...groups(head), ...middle, ...groups(tail)];
  return { value: all.reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n), width: 128 };
}

/** How specific a pattern is when it covers the question, as a pair to compare; null when it does not. */
function hostRank(pattern: string, q: Subject): [number, number] | null {
  if (pattern === '*') return [0, 0];
  const [first = '', prefix] = pattern.split('/');
  if (/^[0-9.]+$|:/.test(first)) {
    if (q.ip === null) return null;
    const [block, asked] = [bitsOf(first), bitsOf(q.ip)];
    const shift = BigInt(block.width - Number(prefix ?? block.width));
    const holds = block.width === asked.width && block.value >> shift === asked.value >> shift;
    return holds ? [1, Number(prefix ?? block.width)] : null;
  }
  if (q.host === null) return null;
  const name = pattern.replace(/^=|^\*\./, '');
  const labels = name.split('.').length * 2;
  const isBelow = q.host.endsWith(`.${name}`);
  if (pattern.startsWith('=')) return q.host === name ? [3, 0] : null;
  if (pattern.startsWith('*.')) return isBelow ? [2, labels + 1] : null;
  return isBelow || q.host === name ? [2, labels] : null;
}

function appRank(app: string | null, origin: Origin): number | null {
  if (app === null) return 0;
  const chain = [origin.path ?? '', ...origin.parents.map((parent) => parent.path ?? '')];
  const byPath = chain.indexOf(app);
  const byName = chain.findIndex((path) => path.split('/').at(-1) === app);
  if (byPath !== -1) return 100 - 2 * byPath;
  return byName === -1 ? null : 99 - 2 * byName;
}

/** The rule that wins, found the slow way. */
function slowMatch(rules: Rule[], q: Subject): Rule | null {
  const ranked = [];
  for (const candidate of rules) {
    const host = hostRank(candidate.host, q);
    const app = appRank(candidate.app, q.origin);
    if (host === null || app === null) continue;
    if (candidate.port !== null && candidate.port !== q.port) continue;
    if (candidate.until !== null && candidate.until <= q.now) continue;
    if (candidate.user !== null && ![q.origin.user, `${q.origin.uid}`].includes(candidate.user)) continue;
    const rest = [candidate.user, candidate.port, candidate.until].map((part) => (part === null ? 0 : 1));
    ranked.push({ candidate, rank: [...host, app, ...rest, candidate.action === 'block' ? 1 : 0] });
  }
  ranked.sort((a, b) => {
    const at = a.rank.findIndex((part, i) => part !== b.rank[i]);
    return at === -1 ? (a.candidate.id < b.candidate.id ? -1 : 1) : (b.rank[at] ?? 0) - (a.rank[at] ?? 0);
  });
  return ranked[0]?.candidate ?? null;
}

const names = fc
  .array(fc.constantFrom('a', 'x-1'), { minLength: 1, maxLength: 3 })
  .map((labels) => [...labels, 'com'].join('.'));
const octet = fc.constantFrom('0', '128', '255');
const v4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const group = fc.constantFrom('1', '8000');
const v6 = fc.tuple(group, group, group, group, group).map(([a, b, c, d, e]) => `${a}:${b}:${c}::${d}:${e}`);
/** The range of `bits` bits around an address. */
function rangeAround(ip: string, bits: number): string {
  const { value, width } = bitsOf(ip);
  const length = Math.min(bits, width);
  const first = (value >> BigInt(width - length)) << BigInt(width - length);
  const parts = width === 32 ? 4 : 8;
  const size = BigInt(width / parts);
  const texts = Array.from({ length: parts }, (_, i) =>
    ((first >> (size * BigInt(parts - 1 - i))) & ((1n << size) - 1n)).toString(width === 32 ? 10 : 16),
  );
  return `${texts.join(width === 32 ? '.' : ':')}/${length}`;
}

const ranges = fc.tuple(fc.oneof(v4, v6), fc.constantFrom(0, 1, 7, 8, 9, 16, 24, 31, 32, 33, 64, 127, 128));
const patterns = fc.oneof(
  names,
  names.map((name) => `=${name}`),
  names.map((name) => `*.${name}`),
  fc.constantFrom('*', '*.com'),
  ranges.map(([ip, bits]) => rangeAround(ip, bits)),
);
const sometimes = <T>(value: fc.Arbitrary<T>) => fc.oneof(fc.constant(null), fc.constant(null), value);
const paths = fc.constantFrom('/usr/bin/curl', '/opt/curl', '/usr/bin/bash', '/bin/sh');
const rules = fc.array(
  fc.record({
    host: patterns,
    app: sometimes(fc.oneof(paths, fc.constantFrom('curl', 'bash', 'sh'))),
    user: sometimes(fc.constantFrom('ann', '1000', 'bob', '0')),
    port: sometimes(fc.constantFrom(80, 443)),
    until: sometimes(fc.constantFrom(NOW - 1, NOW, NOW + 1)),
    action: fc.constantFrom('allow' as const, 'block' as const),
  }),
  { maxLength: 40 },
);
const questions = fc.record({
  host: fc.option(names),
  ip: fc.oneof(v4, v6),
  port: fc.constantFrom(80, 443),
  origin: fc
    .array(paths, { minLength: 1, maxLength: 4 })
    .map(([own = '/bin/sh', ...parents]) => program(own, ...parents)),
});
const strangers = questions.map((asked) => ({ ...asked, origin: unknownOrigin('socket_gone') }));

test('finds the rule that a search through all of them finds', () => {
  let found = 0;
  fc.assert(
    fc.property(rules, questions, (terms, asked) => {
      const made = terms.map((term) => checked(rule(term)).rule);
      const q = question(asked as Partial<Subject>);
      const set = compile(made);
      const winner = slowMatch(made, q);
      if (winner !== null) found++;
      expect(set.match(q)).toBe(winner);
      expect(set.matchAll(q, 100)[0] ?? null).toBe(winner);
    }),
    { numRuns: 2_000 },
  );
  // Were most questions answered by no rule, the test would show little.
  expect(found).toBeGreaterThan(600);
});

/** Whoever may stand behind a connection whose program, and user where `ofUser`, is not known: each that a rule names, and nobody. */
function suspects(made: Rule[], origin: Origin, ofUser: boolean): Origin[] {
  const paths = made.flatMap(({ app }) => (app === null ? [] : app.startsWith('/') ? app : `/bin/${app}`));
  const users = ofUser ? ['', ...made.flatMap(({ user }) => user ?? [])] : [null];
  return ['/nobody', ...paths].flatMap((path) =>
    users.map((user) => ({ ...program(path), user: user ?? origin.user, uid: origin.uid ?? (-1 as Uid) })),
  );
}

test('blocks an unknown program where it would block some program, and lets no allow for a program serve it', () => {
  const found = { allow: 0, block: 0, guessed: 0 };
  const users = fc.constantFrom({ user: 'ann', uid: 1000 as Uid }, { user: null, uid: null });
  const whys = fc.constantFrom(...UNKNOWN_ORIGINS);
  fc.assert(
    fc.property(rules, questions, users, whys, (terms, asked, user, why) => {
      const made = terms.map((term) => checked(rule(term)).rule);
      const q = question({ ...(asked as Partial<Subject>), origin: { ...unknownOrigin(why), ...user } });
      const isLookedFor = why !== 'not_looked_at' && why !== 'not_supported';
      const ofUser = user.user === null;
      const serving = made.filter(
        ({ action, app, user: named }) => action === 'block' || (app === null && (named === null || !ofUser)),
      );
      const winners = suspects(made, q.origin, ofUser).map((origin) => slowMatch(serving, { ...q, origin }));
      const general = slowMatch(made, q);
      const wanted = isLookedFor && winners.some((won) => won?.action === 'block') ? 'block' : null;
      const won = compile(made).match(q);
      expect(won?.action ?? null).toBe(wanted ?? general?.action ?? null);
      expect(compile(made).matchAll(q, 100)[0] ?? null).toBe(won);
      if (won !== null) found[won.action]++;
      if (won?.action === 'block' && general?.action !== 'block') found.guessed++;
    }),
    { numRuns: 2_000 },
  );
  expect(Math.min(found.allow, found.block, found.guessed)).toBeGreaterThan(100);
});

test('a set that was changed step by step answers like one made at once', () => {
  const steps = fc.array(fc.record({ terms: rules, drop: fc.integer({ min: 0, max: 20 }) }), {
    maxLength: 4,
  });
  fc.assert(
    fc.property(steps, fc.array(fc.oneof(questions, strangers), { maxLength: 5 }), (changes, asked) => {
      const set = compile([]);
      let inForce: Rule[] = [];
      for (const { terms, drop } of changes) {
        const added = terms.map((term) => rule(term));
        const removed = inForce.slice(0, drop);
        set.change(added.map(checked), removed.map(checked));
        inForce = [...inForce.slice(drop), ...added];
        // Asked between the changes too, so that what a lookup keeps must not outlive them.
        for (const each of asked) {
          const q = question(each as Partial<Subject>);
          expect(set.matchAll(q, 1_000)).toEqual(compile(inForce).matchAll(q, 1_000));
        }
      }
    }),
    { numRuns: 300 },
  );
});

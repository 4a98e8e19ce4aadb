import { expect, test } from 'bun:test';
import { unknownOrigin } from '../../src/attribute/attributor.ts';
import type { Verdict } from '../../src/model/flow.ts';
import { decide, trace } from '../../src/policy/decide.ts';
import type { Policy, Step } from '../../src/policy/policy.ts';
import { compileScope } from '../../src/policy/scope.ts';
import { IP, lists, policy, question, rule, TLS } from './examples.ts';

const HOST = 'www.example.com';

function scope(...hosts: string[]): Policy['scope'] {
  const compiled = compileScope(
    'scope moltbot',
    hosts.map((host) => ({ host, port: null })),
  );
  if (!compiled.ok) throw new Error(compiled.error);
  return compiled.scope;
}

const says = (stage: Verdict['stage'], kind: Verdict['kind'], reason: Verdict['reason']): Step => {
  const verdict: Verdict = { kind, stage, reason, evidence: [] };
  return () => verdict;
};

/** Each step made to answer, in the order of the inquiry: what it adds to a policy, and what it then says. */
const ANSWERS: [name: string, part: () => Partial<Policy>, stage: Verdict['stage'], kind: Verdict['kind']][] =
  [
    ['scope without an entry', () => ({ scope: scope('example.org') }), 'scope', 'block'],
    ['rule', () => ({ rules: policy([rule({ host: HOST })]).rules }), 'rules', 'allow'],
    [
      'skip',
      () => ({ skipped: { ask: says('skip', 'allow', 'skipped'), unseen: () => null } }),
      'skip',
      'allow',
    ],
    ['allowlist', () => ({ lists: lists({ allow: [HOST] }) }), 'allowlist', 'allow'],
    ['blocklist', () => ({ lists: lists({ block: [HOST] }) }), 'blocklist', 'block'],
    ['integrity', () => ({ integrity: says('integrity', 'ask', 'code_changed') }), 'integrity', 'ask'],
    ['generated', () => ({ generated: says('generated', 'block', 'generated_name') }), 'generated', 'block'],
    ['trust', () => ({ trust: says('trust', 'allow', 'trusted') }), 'trust', 'allow'],
    ['answered', () => ({ answered: says('person', 'block', 'answered') }), 'person', 'block'],
    ['cache', () => ({ cache: says('cache', 'block', 'cached') }), 'cache', 'block'],
    ['scope with an entry', () => ({ scope: scope('example.com') }), 'scope', 'allow'],
    ['judge', () => ({ judge: says('judge', 'ask', 'open_question') }), 'judge', 'ask'],
    ['person', () => ({}), 'person', 'ask'],
  ];

/** Both parts in one policy; two lists join, and two scopes cannot be in one. */
function both(first: Partial<Policy>, second: Partial<Policy>): Policy {
  const joined = { ...policy(), ...second, ...first };
  return first.lists && second.lists ? { ...joined, lists: lists({ allow: [HOST], block: [HOST] }) } : joined;
}

const PAIRS = ANSWERS.flatMap((first, i) =>
  ANSWERS.slice(i + 1)
    .filter(([later]) => !(first[0].startsWith('scope') && later.startsWith('scope')))
    .map((second) => [first[0], second[0], first, second] as const),
);

test.each(PAIRS)('%s goes before %s, in either order of configuration', (_a, _b, first, second) => {
  const [, make, stage, kind] = first;
  for (const p of [both(make(), second[1]()), both(second[1](), make())]) {
    expect(decide(question(), p)).toMatchObject({ stage, kind });
  }
});

test.each(ANSWERS)('%s decides when nothing before it answers', (_, make, stage, kind) => {
  expect(decide(question(), { ...policy(), ...make() })).toMatchObject({ stage, kind });
});

test('nothing configured leaves an open question for the person', () => {
  const verdict: Verdict = { kind: 'ask', stage: 'person', reason: 'open_question', evidence: [] };
  expect(decide(question(), policy())).toEqual(verdict);
});

test('a blocking rule beats the allowlist and an allowing rule beats the blocklist', () => {
  const block = policy([rule({ host: HOST, action: 'block' })], { allow: [HOST] });
  const allow = policy([rule({ host: HOST })], { block: [HOST] });
  expect(decide(question(), block)).toMatchObject({ kind: 'block', reason: 'rule' });
  expect(decide(question(), allow)).toMatchObject({ kind: 'allow', reason: 'rule' });
});

test('a rule verdict names the rule and says what it does', () => {
  const made = rule({ host: 'example.com', action: 'block', app: 'curl' });
  expect(decide(question(), policy([made])).evidence).toEqual([
    { kind: 'rule', rule: made.id, text: 'block curl from reaching example.com and below' },
  ]);
});

test('a verdict that rests on what is not known says so', () => {
  const unknown = unknownOrigin('socket_gone');
  const reached = 'from reaching www.example.com and below';
  const cases = [
    [{ app: 'curl' }, unknown, `the program is not known, so it counts as any: block curl ${reached}`],
    [
      { user: 'bob' },
      unknown,
      `the user is not known, so it counts as any: block any program ${reached}, for user bob`,
    ],
    [
      { app: 'curl', user: 'bob' },
      unknown,
      `program and user are not known, so they count as any: block curl ${reached}, for user bob`,
    ],
  ] as const;
  for (const [terms, origin, text] of cases) {
    const made = rule({ host: HOST, action: 'block', ...terms });
    expect(decide(question({ origin }), policy([made, rule()]))).toEqual({
      kind: 'block',
      stage: 'rules',
      reason: 'unknown_origin',
      evidence: [{ kind: 'rule', rule: made.id, text }],
    });
  }
});

test('a rule that covers a connection whatever its program is called a rule', () => {
  const origin = { ...unknownOrigin('no_process'), name: 'curl' };
  for (const terms of [{}, { app: 'curl' }])
    expect(decide(question({ origin }), policy([rule({ action: 'block', ...terms })]))).toMatchObject({
      reason: 'rule',
    });
});

test('a list verdict names the list, the entry and its line', () => {
  expect(decide(question(), policy([], { block: [HOST] }))).toEqual({
    kind: 'block',
    stage: 'blocklist',
    reason: 'blocklisted',
    evidence: [
      {
        kind: 'list',
        list: 'mine',
        category: 'ads',
        entry: HOST,
        line: 7,
        text: 'www.example.com is on the ads list mine, line 7',
      },
    ],
  });
});

test('a bare address is decided by address lists', () => {
  const q = question({ host: null });
  expect(decide(q, policy([], { block: [IP] }))).toMatchObject({ reason: 'blocklisted' });
  expect(decide(q, policy([], { allow: [IP], block: [IP] }))).toMatchObject({ reason: 'allowlisted' });
});

test('a name is blocked at a blocklisted address and not allowed at an allowlisted one', () => {
  expect(decide(question(), policy([], { block: [IP] }))).toMatchObject({ reason: 'blocklisted' });
  expect(decide(question(), policy([], { allow: [IP] }))).toMatchObject({ reason: 'open_question' });
});

test('a name that was not resolved is decided without an address', () => {
  const p = policy([rule({ host: '0.0.0.0/0' })], { block: [IP] });
  expect(decide(question({ ip: null }), p)).toMatchObject({ reason: 'open_question' });
});

test('in a scope a listed name is still stopped by a rule and by a blocklist', () => {
  const inside = { scope: scope('example.com') };
  const ruled = policy([rule({ host: HOST, action: 'block' })], {}, inside);
  expect(decide(question(), ruled)).toMatchObject({ kind: 'block', stage: 'rules' });
  expect(decide(question(), policy([], { block: [HOST] }, inside))).toMatchObject({ stage: 'blocklist' });
});

test('an allow rule of the machine does not widen a scope', () => {
  const p = policy([rule()], { allow: [HOST] }, { scope: scope('example.org') });
  expect(decide(question(), p)).toMatchObject({ kind: 'block', reason: 'not_in_scope' });
});

test('encrypted client hello is noted on a verdict about a name, and on no other', () => {
  const sniff = { ...TLS, ech: true };
  const p = policy([rule({ host: HOST, action: 'block' })]);
  const verdict = decide(question({ sniff }), p);
  expect(verdict).toMatchObject({ kind: 'block', reason: 'rule' });
  expect(verdict.evidence.map((fact) => fact.kind)).toEqual(['rule', 'note']);
  expect(decide(question(), p).evidence).toHaveLength(1);
  expect(decide(question({ sniff, host: null }), policy()).evidence).toEqual([]);
  expect(decide(question({ sniff: null }), p).evidence).toHaveLength(1);
});

const MALFORMED = { ...TLS, malformed: 'the hello ends in the middle of a record' };

test('a name that cannot be read is refused before anybody is asked', () => {
  const unread = question({ host: null, sniff: MALFORMED });
  const asked = {
    judge: says('judge', 'ask', 'open_question'),
    answered: says('person', 'allow', 'answered'),
  };
  const { verdict, steps } = trace(unread, policy([], {}, asked));
  expect(verdict).toMatchObject({ kind: 'block', stage: 'name', reason: 'unreadable_name' });
  expect(steps.find(({ outcome }) => outcome === 'won')).toMatchObject({
    stage: 'unreadable',
    evidence: [{ text: 'the hello ends in the middle of a record, so whom it names cannot be told' }],
  });
});

test.each([
  ['a rule', () => policy([rule({ host: IP })])],
  ['an allowlist', () => policy([], { allow: [IP] })],
  ['a scope', () => policy([], {}, { scope: scope(IP) })],
])('%s that allows the address itself lets a name pass that cannot be read', (_, make) => {
  expect(decide(question({ host: null, sniff: MALFORMED }), make())).toMatchObject({ kind: 'allow' });
});

test('an answer of a moment ago is told with what the judge found', () => {
  const mark = { kind: 'judge', inquiry: 7, text: 'the page orders to allow it' } as const;
  const answered = says('person', 'allow', 'answered');
  const { verdict, steps } = trace(question(), policy([], {}, { answered, found: () => [mark] }));
  expect(verdict).toMatchObject({ stage: 'person', reason: 'answered', evidence: [mark] });
  expect(steps.find(({ outcome }) => outcome === 'won')?.stage).toBe('answered');
});

test('a trace has every step once, those that are off too', () => {
  const { steps } = trace(question(), policy());
  expect(steps.map((step) => `${step.stage} ${step.outcome}`)).toEqual([
    'scope off',
    'rules passed',
    'allowlist passed',
    'blocklist passed',
    'unreadable passed',
    'integrity off',
    'generated off',
    'trust off',
    'answered off',
    'cache off',
    'judge off',
    'person won',
  ]);
});

test('a trace shows what the steps after the winner would have said', () => {
  const made = rule({ host: HOST });
  const p = policy([made], { block: [HOST] }, { generated: says('generated', 'block', 'generated_name') });
  const { verdict, steps } = trace(question(), p);
  expect(verdict).toMatchObject({ kind: 'allow', stage: 'rules' });
  const told = steps.filter((step) => step.kind !== null);
  expect(told.map((step) => [step.stage, step.outcome, step.kind])).toEqual([
    ['rules', 'won', 'allow'],
    ['blocklist', 'would', 'block'],
    ['generated', 'would', 'block'],
    ['person', 'would', 'ask'],
  ]);
  expect(told[1]?.evidence).toMatchObject([{ kind: 'list', entry: HOST }]);
});

test('a trace names the rules that lost', () => {
  const [wide, narrow] = [rule({ host: '*', action: 'block' }), rule({ host: HOST })];
  const step = trace(question(), policy([wide, narrow])).steps.find(({ stage }) => stage === 'rules');
  expect(step?.evidence).toEqual([
    { kind: 'rule', rule: narrow.id, text: 'allow any program to reach www.example.com and below' },
    { kind: 'rule', rule: wide.id, text: 'outranked: block any program from reaching anywhere' },
  ]);
});

test('a trace in a scope shows the entry that let the connection on, and where it was allowed', () => {
  const { verdict, steps } = trace(question(), policy([], {}, { scope: scope('example.com') }));
  expect(verdict).toMatchObject({ kind: 'allow', stage: 'scope', reason: 'in_scope' });
  const rows = steps.filter(({ stage }) => stage === 'scope');
  expect(rows.map((row) => row.outcome)).toEqual(['passed', 'won']);
  expect(rows[0]?.evidence).toEqual([{ kind: 'note', text: 'scope moltbot allows example.com' }]);
});

test.each(PAIRS)('a trace gives the verdict that decide gives: %s and %s', (_a, _b, first, second) => {
  const p = both(first[1](), second[1]());
  const q = question({ sniff: { ...TLS, ech: true } });
  expect(trace(q, p).verdict).toEqual(decide(q, p));
});

import { expect, test } from 'bun:test';
import { unknownOrigin } from '../../../src/attribute/attributor.ts';
import type { Ip, Pid, Uid } from '../../../src/model/brand.ts';
import type { Rule } from '../../../src/model/rule.ts';
import { CURL, checked, compile, NOW, program, question, rule } from '../examples.ts';

/** Each pair: the rule that wins, then the one it beats, for curl under bash asking for www.example.com. */
const PAIRS: [string, Partial<Rule>, Partial<Rule>][] = [
  ['an exact name beats all below its parent', { host: '=www.example.com' }, { host: '*.example.com' }],
  ['an exact name beats the name and below', { host: '=www.example.com' }, { host: 'www.example.com' }],
  ['a longer name beats a shorter one', { host: 'www.example.com' }, { host: 'example.com' }],
  ['a longer name beats all below a shorter one', { host: 'www.example.com' }, { host: '*.example.com' }],
  ['all below a longer name beats a shorter name', { host: '*.example.com' }, { host: '*.com' }],
  ['all below a name beats the name and below', { host: '*.example.com' }, { host: 'example.com' }],
  ['a name beats an address', { host: '*.com' }, { host: '203.0.113.5' }],
  ['an address beats a range', { host: '203.0.113.5' }, { host: '203.0.113.0/24' }],
  ['a small range beats a large one', { host: '203.0.113.0/24' }, { host: '203.0.0.0/16' }],
  ['the largest range beats anything', { host: '0.0.0.0/0' }, { host: '*' }],
  ['host goes before app', { host: 'example.com' }, { app: '/usr/bin/curl' }],
  ['the path of a program beats its file name', { app: '/usr/bin/curl' }, { app: 'curl' }],
  ['the program beats its parent', { app: 'curl' }, { app: '/usr/bin/bash' }],
  ['a near parent beats a far one', { app: 'bash' }, { app: '/usr/sbin/sshd' }],
  ['any parent beats no app', { app: 'sshd' }, {}],
  ['app goes before user', { app: 'sshd' }, { user: 'ann' }],
  ['user goes before port', { user: 'ann' }, { port: 443 }],
  ['a uid is a user', { user: '1000' }, { port: 443 }],
  ['port goes before until', { port: 443 }, { until: (NOW + 1) as never }],
  ['a rule that ends beats one that does not', { until: (NOW + 1) as never }, {}],
];

test.each(PAIRS)('%s, whichever comes first and whatever they do', (_, winner, loser) => {
  for (const action of ['allow', 'block'] as const) {
    const wins = rule({ ...winner, action });
    const loses = rule({ ...loser, action: action === 'allow' ? 'block' : 'allow' });
    expect(compile([wins, loses]).match(question())).toBe(wins);
    expect(compile([loses, wins]).match(question())).toBe(wins);
    expect(compile([loses, wins]).matchAll(question(), 9)).toEqual([wins, loses]);
  }
});

test('block wins a tie, whichever comes first and whichever is newer', () => {
  const terms = { host: 'example.com', app: 'curl', user: 'ann', port: 443 };
  for (const createdAt of [NOW - 1, NOW, NOW + 1]) {
    const allow = rule({ ...terms, createdAt: createdAt as never });
    const block = rule({ ...terms, action: 'block' });
    expect(compile([allow, block]).match(question())).toBe(block);
    expect(compile([block, allow]).match(question())).toBe(block);
  }
});

test('of two rules that say the same the newer one is named', () => {
  const [older, newer] = [rule({ createdAt: (NOW - 1) as never }), rule()];
  expect(compile([older, newer]).match(question())).toBe(newer);
  expect(compile([newer, older]).match(question())).toBe(newer);
});

/** Rules that must not cover curl asking for www.example.com. */
const STRANGERS: [string, Partial<Rule>][] = [
  ['the exact name of a parent', { host: '=example.com' }],
  ['all below the name itself', { host: '*.www.example.com' }],
  ['a name that only ends the same', { host: 'ple.com' }],
  ['a name below', { host: 'a.www.example.com' }],
  ['another address', { host: '203.0.113.4' }],
  ['a range of the other family', { host: '::/0' }],
  ['another port', { port: 80 }],
  ['another user', { user: 'bob' }],
  ['another uid', { user: '100' }],
  ['a uid spelt otherwise', { user: '01000' }],
  ['another program of the same file name', { app: '/tmp/curl' }],
  ['the start of a file name', { app: 'cur' }],
  ['a file name in other case', { app: 'Curl' }],
  ['a folder of the path', { app: 'usr' }],
  ['a rule that ends now', { until: NOW }],
  ['a rule that has ended', { until: (NOW - 1) as never }],
];

test.each(STRANGERS)('%s does not match', (_, terms) => {
  expect(compile([rule(terms)]).match(question())).toBeNull();
});

test('a rule for a name covers the name itself, and one for all below does not', () => {
  const [under, below] = [rule({ host: 'example.com' }), rule({ host: '*.example.com' })];
  const q = question({ host: 'example.com' });
  expect(compile([under, below]).match(q)).toBe(under);
  expect(compile([below]).match(q)).toBeNull();
});

test('a bare address is matched by address rules and by *, and by no name', () => {
  const q = question({ host: null, ip: '2001:db8:0:1::7' as Ip });
  const [name, v4, block, any] = ['*.com', '0.0.0.0/0', '2001:db8::/33', '*'].map((host) => rule({ host }));
  if (name === undefined || v4 === undefined || block === undefined || any === undefined)
    throw new Error('four');
  expect(compile([name, v4, block, any]).match(q)).toBe(block);
  expect(compile([name, v4, any]).match(q)).toBe(any);
  expect(compile([name, v4]).match(q)).toBeNull();
});

test('rules for nested and neighbouring ranges find the narrowest that holds the address', () => {
  const ranges = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.3.0/24', '10.1.2.128/25', '11.0.0.0/8'];
  const set = compile(ranges.map((host) => rule({ host })));
  const narrowest = (ip: string) => set.match(question({ host: null, ip: ip as Ip }))?.host ?? null;
  expect(narrowest('10.1.2.127')).toBe('10.1.2.0/24');
  expect(narrowest('10.1.2.200')).toBe('10.1.2.128/25');
  expect(narrowest('10.1.4.1')).toBe('10.1.0.0/16');
  expect(narrowest('10.200.0.1')).toBe('10.0.0.0/8');
  expect(narrowest('11.255.255.255')).toBe('11.0.0.0/8');
  expect(narrowest('9.255.255.255')).toBeNull();
  expect(narrowest('12.0.0.0')).toBeNull();
});

test('a program without a path is blocked by its name and never allowed by it', () => {
  const origin = { ...CURL, path: null, parents: [{ pid: 1 as Pid, path: null, name: 'bash' }] };
  for (const app of ['curl', 'bash']) {
    const block = rule({ app, action: 'block' });
    expect(compile([block]).match(question({ origin }))).toBe(block);
    expect(compile([rule({ app })]).match(question({ origin }))).toBeNull();
  }
});

test('the file name comes from the path, whatever the program calls itself', () => {
  const origin = { ...program('/opt/evil'), name: 'curl' };
  const set = compile([rule({ app: 'curl' })]);
  expect(set.match(question({ origin }))).toBeNull();
});

test('a rule for root does not match a program whose user is unknown', () => {
  const set = compile([rule({ user: '0' }), rule({ user: 'root' })]);
  expect(set.match(question({ origin: { ...CURL, uid: null, user: null } }))).toBeNull();
  expect(set.match(question({ origin: { ...CURL, uid: 0 as Uid, user: null } }))).not.toBeNull();
});

test('spellings of one host share one place, so that block wins between them', () => {
  const block = rule({ host: 'BÜCHER.example.', action: 'block' });
  const set = compile([block, rule({ host: 'xn--bcher-kva.example' })]);
  const match = set.match(question({ host: 'xn--bcher-kva.example' }));
  expect(match).toEqual({ ...block, host: 'xn--bcher-kva.example' });
});

test('names every rule that covers a connection once, up to the limit', () => {
  const origin = program('/usr/bin/bash', '/usr/bin/bash', '/usr/bin/bash');
  const rules = [
    rule({ app: 'bash' }),
    rule({ app: '/usr/bin/bash' }),
    rule(),
    rule({ host: 'example.com' }),
  ];
  const set = compile(rules);
  expect(set.matchAll(question({ origin }), 9)).toHaveLength(4);
  expect(set.matchAll(question({ origin }), 2)).toEqual([rules[3], rules[1]] as Rule[]);
});

test('a rule that is taken away no longer matches, and what it outranked does again', () => {
  const [wide, narrow] = [rule({ host: 'example.com' }), rule({ host: 'example.com', app: 'curl' })];
  const set = compile([wide, narrow]);
  set.change([], [checked({ ...narrow })]);
  expect(set.match(question())).toBe(wide);
  set.change([checked(narrow)], [checked(wide)]);
  expect(set.match(question())).toBe(narrow);
  set.change([], [checked(narrow), checked(wide)]);
  expect(set.match(question())).toBeNull();
});

/** A connection whose program was looked for in vain; its user is known. */
const STRANGER = { ...unknownOrigin('socket_gone'), uid: 1000 as Uid, user: 'ann' };

/** Each: what becomes of a connection whose program is not known, under two rules. */
const OF_STRANGERS: [string, 'first' | 'second', Partial<Rule>, Partial<Rule>][] = [
  ['a block of some program beats a general allow', 'first', { app: 'curl', action: 'block' }, {}],
  [
    'an allow for the same program at a narrower name does not serve it',
    'first',
    { host: 'example.com', app: '/usr/bin/curl', action: 'block' },
    { host: '=www.example.com', app: '/usr/bin/curl' },
  ],
  [
    'a general allow of a narrower name holds for every program',
    'first',
    { host: '=www.example.com' },
    { host: 'example.com', app: 'curl', action: 'block' },
  ],
  ['an allow for a program leaves it to a general block', 'second', { app: 'curl' }, { action: 'block' }],
  [
    'a block of some program to another port says nothing',
    'second',
    { app: 'curl', port: 80, action: 'block' },
    {},
  ],
  [
    'a block of some program of another user says nothing',
    'second',
    { app: 'curl', user: 'bob', action: 'block' },
    {},
  ],
];

test.each(OF_STRANGERS)('of an unknown program: %s', (_, wins, first, second) => {
  const rules = [rule(first), rule(second)] as const;
  const q = question({ origin: STRANGER });
  for (const set of [compile(rules), compile([...rules].reverse())])
    expect(set.match(q)).toBe(wins === 'first' ? rules[0] : rules[1]);
});

test('an unknown user counts as any for a block, and as none for an allow', () => {
  const [block, allow] = [rule({ user: 'bob', action: 'block' }), rule({ user: '0', port: 443 })];
  const origin = unknownOrigin('socket_gone');
  expect(compile([block, allow, rule()]).match(question({ origin }))).toBe(block);
  expect(compile([allow]).match(question({ origin }))).toBeNull();
  expect(compile([block]).match(question({ origin: STRANGER }))).toBeNull();
});

test('a process without a path may be any program, whatever it calls itself', () => {
  const block = rule({ app: '/usr/bin/curl', action: 'block' });
  const origin = { ...CURL, path: null, name: 'innocent' };
  expect(compile([block, rule()]).match(question({ origin }))).toBe(block);
});

test('where nobody looked for a program, rules for one say nothing', () => {
  const general = rule();
  const set = compile([
    rule({ app: 'curl', action: 'block' }),
    rule({ user: '0', action: 'block' }),
    general,
  ]);
  const asked = { ...unknownOrigin('not_looked_at'), unknown: null };
  for (const origin of [asked, unknownOrigin('not_looked_at'), unknownOrigin('not_supported')])
    expect(set.match(question({ origin }))).toBe(general);
});

test('a block for a program that is taken away no longer counts for the unknown', () => {
  const [block, other] = [rule({ app: 'curl', action: 'block' }), rule({ app: 'wget', action: 'block' })];
  const set = compile([block, other]);
  const q = question({ origin: STRANGER });
  set.change([], [checked(block)]);
  expect(set.match(q)).toBe(other);
  set.change([], [checked(other)]);
  expect(set.match(q)).toBeNull();
});

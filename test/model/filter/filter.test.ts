import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { FlowId, Host, Ip, Pid, RuleId, Uid, UnixMs } from '../../../src/model/brand.ts';
import { FILTER_MAX_CHARS, parseFilter } from '../../../src/model/filter/filter.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';

const FLOW: FlowRecord = {
  id: 1 as FlowId,
  at: 1_800_000_000_000 as UnixMs,
  origin: {
    pid: 4321 as Pid,
    path: '/usr/bin/curl',
    name: 'curl',
    uid: 1000 as Uid,
    user: 'ann',
    parents: [{ pid: 4000 as Pid, path: '/opt/Google Chrome/chrome', name: 'chrome' }],
    signer: null,
    responsiblePid: null,
    unknown: null,
  },
  target: { host: 'www.xn--bcher-kva.example' as Host, ip: '203.0.113.7' as Ip, port: 443 },
  sniff: { protocol: 'tls', sni: null, httpHost: null, alpn: [], ech: false, ja4: null, malformed: null },
  verdict: {
    kind: 'block',
    stage: 'blocklist',
    reason: 'blocklisted',
    evidence: [
      { kind: 'rule', rule: '00000001' as RuleId, text: '' },
      { kind: 'list', list: 'Steven Black', category: 'ads', entry: 'bücher.example', line: 1, text: '' },
    ],
  },
  mode: 'enforce',
  effect: 'reset',
  defaulted: false,
  nameMismatch: false,
  upstreamIp: '2001:db8::9' as Ip,
  state: 'refused',
  detail: null,
  bytesIn: 0,
  bytesOut: 0,
  decisionUs: 10,
  connectUs: null,
  durationMs: 1,
};
const NAMELESS: FlowRecord = {
  ...FLOW,
  origin: { ...FLOW.origin, pid: null, path: null, name: null, uid: null, user: null, parents: [] },
  target: { ...FLOW.target, host: null },
  upstreamIp: null,
};

function matches(text: string, flow = FLOW): boolean {
  const read = parseFilter(text);
  if (!read.ok) throw new Error(read.error);
  return read.matches(flow);
}

test.each([
  '',
  '   ',
  'bcher',
  'BCHER',
  'bücher.example',
  'curl',
  '/USR/bin',
  'nothing|curl',
  '"/usr/bin"|x',
  'host:www',
  'host:WWW',
  'host:bücher',
  'host:example',
  'host:.example',
  'host:bücher.example',
  'host:www.bücher.example.',
  'host:=www.bücher.example',
  'host:*.example',
  'host:a|b|www',
  'HOST:www',
  'app:curl',
  'app:CHROME',
  'app:"Google Chrome"',
  'app:=curl',
  'app:=/usr/bin/curl',
  'app:="/opt/Google Chrome/chrome"',
  'user:ann',
  'user:1000',
  'verdict:block',
  'verdict:allow|block',
  'effect:reset',
  'stage:blocklist',
  'reason:blocklisted',
  'state:refused',
  'port:443',
  'port:80|443',
  'ip:203.0.113.7',
  'ip:203.0.113.0/24',
  'ip:2001:db8::/32',
  'ip:2001:DB8::9',
  'list:black',
  'list:"steven black"',
  'category:ads',
  'pid:4321',
  '-host:google',
  '-curling',
  '-"no such"',
  'curl verdict:block -port:80',
  '  curl\tverdict:block  ',
])('%p finds the connection', (text) => {
  expect(matches(text)).toBeTrue();
});

test.each([
  'chrome',
  '4321',
  'host:=bücher.example',
  'host:*.www.bücher.example',
  'host:google',
  'host:bcher',
  'host:ww',
  'host:ample',
  'host:cher.example',
  'host:www.bücher',
  'app:firefox',
  'app:=CURL',
  'app:=cur',
  'user:an',
  'user:100',
  'user:null',
  'verdict:allow',
  'effect:forward|held',
  'stage:rules',
  'reason:rule',
  'state:open',
  'port:44',
  'ip:203.0.113.6',
  'ip:2001:db9::/32',
  'ip:0.0.0.0/1',
  'list:white',
  'category:malware',
  'pid:1',
  '-curl',
  '-verdict:block',
  '-port:80|443',
  'curl verdict:allow',
  'curl -list:black',
])('%p does not find it', (text) => {
  expect(matches(text)).toBeFalse();
});

test.each([
  '203.0.113',
  'host:203.0.113.7',
  'ip:203.0.113.7',
  '-app:curl',
  '-user:null',
  '-host:=a.example',
  '-pid:0',
])('%p finds a connection with no name and no known program', (text) => {
  expect(matches(text, NAMELESS)).toBeTrue();
});

test.each(['null', 'host:203', 'host:*.example', 'app:curl', 'user:null', 'user:1000', 'pid:0'])(
  '%p does not find a connection with no name and no known program',
  (text) => {
    expect(matches(text, NAMELESS)).toBeFalse();
  },
);

test('a label stands for every name that has it, a name for itself and what is below it', () => {
  const found = (text: string): string[] =>
    [
      'ads.example.com',
      'x.ads.net',
      'loads.com',
      'example.com',
      'notexample.com',
      'example.com.evil.net',
    ].filter((host) => matches(text, { ...FLOW, target: { ...FLOW.target, host: host as Host } }));
  expect(found('host:ads')).toEqual(['ads.example.com', 'x.ads.net']);
  expect(found('host:example.com')).toEqual(['ads.example.com', 'example.com']);
  expect(found('host:evil')).toEqual(['example.com.evil.net']);
});

test('a bare IPv6 address is a word, though it begins like a key', () => {
  const target = { ...FLOW.target, host: null, ip: 'dead:beef::1' as Ip };
  expect(matches('dead:beef::1', { ...FLOW, target })).toBeTrue();
  expect(matches('-dead:beef::2|::3', { ...FLOW, target })).toBeTrue();
});

test.each([
  ['curl hots:x', '"hots:x" at position 6: no such key; keys are host, app, user'],
  ['verdict:alow', '"verdict:alow" at position 1: expected one of allow, block, ask'],
  ['verdict:BLOCK', 'expected one of allow, block, ask'],
  ['effect:constructor', 'expected one of forward, reset'],
  ['stage:nope', 'expected one of accept, scope'],
  ['reason:nope', 'expected one of in_scope'],
  ['state:nope', 'expected one of open'],
  ['category:nope', 'expected one of malware'],
  ['a port:0', '"port:0" at position 3: expected a number from 1 to 65535'],
  ['port:65536', 'expected a number'],
  ['port:443x', 'expected a number'],
  ['port:-1', 'expected a number'],
  ['port:80|x', 'expected a number'],
  ['pid:1e3', 'expected a number'],
  ['ip:example.com', 'not an IP address'],
  ['ip:203.0.113.7/24', 'write 203.0.113.0/24'],
  ['host:=', 'a host name after'],
  ['host:*.', 'a host name after'],
  ['host:.', 'expected a name or a label'],
  ['host:a*b', 'a star stands only at the front'],
  ['app:=', 'a path or file name'],
  ['host:', '"host:" at position 1: a value is missing'],
  ['host: x', '"host:" at position 1: a value is missing'],
  ['host:a||b', 'a value is missing'],
  ['a|', 'a value is missing'],
  ['|a', 'a value is missing'],
  ['-', 'a value is missing'],
  ['""', 'a value is missing'],
  ['app:"Google', 'the quote at position 5 is not closed'],
  ['"a"b', 'expected a space after the quote'],
  ['a "x\\"', 'the quote at position 3 is not closed'],
  ['example.com:443', 'put text with a colon in quotes'],
  ['https://example.com', 'no such key'],
  [`${'x'.repeat(FILTER_MAX_CHARS)}x`, 'longer than 1000 characters'],
])('refuses %p and says where and why', (text, why) => {
  const read = parseFilter(text);
  expect(read.ok ? '' : read.error).toContain(why);
});

test('a backslash keeps a quote inside quotes', () => {
  const origin = { ...FLOW.origin, path: '/opt/a "b" \\c' };
  expect(matches('app:"a \\"b\\" \\\\c"', { ...FLOW, origin })).toBeTrue();
});

test('an error shows hostile text cleaned', () => {
  const read = parseFilter('verdict:\u001b[2J\u202e');
  expect(read.ok ? '' : read.error).toStartWith('"verdict:·[2J·" at position 1');
});

test('never throws, and a filter that it takes never throws on a flow', () => {
  const piece = fc.constantFrom(
    'host:',
    'app:',
    'ip:',
    '-',
    '|',
    '"',
    '\\',
    ' ',
    'a',
    '*.',
    '=',
    ':',
    '/',
    '1',
    '443',
    'ü',
    '\u0000',
    '::',
  );
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.array(piece).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const read = parseFilter(text);
      if (read.ok) expect([read.matches(FLOW), read.matches(NAMELESS)]).toHaveLength(2);
      else expect(read.error).not.toBe('');
    }),
    { numRuns: 5_000 },
  );
});

test('a term and its negation never agree', () => {
  const term = fc.constantFrom(
    'curl',
    'host:www',
    'port:80|443',
    'app:"x"',
    'ip:203.0.113.0/24',
    'verdict:ask',
    '"c d"',
  );
  fc.assert(
    fc.property(term, fc.constantFrom(FLOW, NAMELESS), (text, flow) => {
      expect(matches(`-${text}`, flow)).toBe(!matches(text, flow));
    }),
  );
});

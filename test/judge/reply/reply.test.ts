import { expect, test } from 'bun:test';
import { readReply } from '../../../src/judge/reply/reply.ts';
import { replyShapes } from './shapes.ts';

const SHAPES = replyShapes();

test('at least ninety shapes are recorded, each by a name of its own', () => {
  expect(SHAPES.length).toBeGreaterThanOrEqual(90);
  expect(new Set(SHAPES.map(({ name }) => name)).size).toBe(SHAPES.length);
});

test.each(SHAPES.map((shape) => [shape.name, shape] as const))('reads %s', (_name, { message, reply }) => {
  expect(readReply(message)).toEqual(reply);
});

const evidenceOf = (evidence: readonly string[]): unknown => {
  const reply = readReply({ content: JSON.stringify({ verdict: 'block', evidence }), toolCalls: [] });
  return reply.kind === 'verdict' ? reply.evidence : reply;
};

test.each([
  ['as it is', 'E2'],
  ['in lower case', 'e2'],
  ['in brackets', '[E2]'],
  ['with the tool', 'E2 (WHOIS)'],
  ['with words', 'evidence E2: registered in 1997'],
  ['with a point', 'E2.'],
  ['in full-width brackets', '【E2】'],
])('the id of a result is understood %s', (_, written) => {
  expect(evidenceOf([written])).toEqual(['E2']);
});

test('several ids in one citation are all read, and the same one once', () => {
  expect(evidenceOf(['E1, E2 and E12', 'e1', '[E2]'])).toEqual(['E1', 'E2', 'E12']);
});

test.each(['E02', 'E1E2', 'WHOIS', 'SE2', 'E２'])('%s cites no result that there is', (written) => {
  expect(evidenceOf(['E2', written])).toEqual(['E2', written]);
});

test('reasons are cleaned, bounded, and each on one line', () => {
  const reasons = [
    '\u001b]8;;x\u0007red',
    ' ',
    'x'.repeat(900),
    'two\nlines',
    ...Array(20).keys().map(String),
  ];
  const reply = readReply({ content: JSON.stringify({ verdict: 'block', reasons }), toolCalls: [] });
  expect(reply).toMatchObject({
    reasons: [expect.stringContaining('red'), `${'x'.repeat(199)}…`, 'two lines', '0', '1'],
  });
});

test('a tool is known however a model writes its name', () => {
  for (const name of ['whois', 'functions.WHOIS', ' Whois ', 'WHOIS:0', 'tools/whois']) {
    const toolCalls = [{ id: 'a', name, arguments: '{"domain":"a.test"}' }];
    expect(readReply({ content: null, toolCalls })).toMatchObject({ calls: [{ tool: 'WHOIS' }] });
  }
  const toolCalls = [{ id: 'a', name: 'dns-resolve', arguments: '{}' }];
  expect(readReply({ content: null, toolCalls })).toMatchObject({ calls: [{ tool: 'DNS_RESOLVE' }] });
});

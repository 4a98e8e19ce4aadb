import { expect, test } from 'bun:test';
import { acceptVerdict, type Grounds } from '../../../src/judge/core/verdict.ts';
import type { EvidenceSource, JudgeKind, ToolResult } from '../../../src/model/inquiry.ts';

const result = (id: string, source: EvidenceSource): ToolResult => ({
  id,
  tool: source === 'page' ? 'FETCH' : 'WHOIS',
  args: {},
  source,
  text: '',
  instructions: null,
  ms: 1,
});
const GROUNDS: Grounds = {
  evidence: [result('E1', 'page'), result('E2', 'registry'), result('E12', 'dns')],
  pastBlock: false,
  isOrdered: false,
};
const accept = (verdict: JudgeKind, evidence: readonly string[], over: Partial<Grounds> = {}) =>
  acceptVerdict({ kind: 'verdict', verdict, reasons: ['old'], evidence, said: '' }, { ...GROUNDS, ...over });

test.each([
  ['as it is', ['E2']],
  ['in lower case', ['e2']],
  ['in brackets', ['[E2]']],
  ['with the tool', ['E2 (WHOIS)']],
  ['with words', ['evidence E2: registered in 1997']],
  ['with a point', ['E2.']],
  ['in full-width brackets', ['【E2】']],
])('an id is understood %s', (_, evidence) => {
  const { kind, ending } = accept('allow', evidence);
  expect([kind, ending.outcome.kind, ending.outcome.evidence]).toEqual(['final', 'allow', ['E2']]);
});

test('several ids in one citation are all looked up', () => {
  expect(accept('allow', ['E1, E2 and E12']).ending.outcome.evidence).toEqual(['E1', 'E2', 'E12']);
  expect(accept('allow', ['E1, E2 and E3']).kind).toBe('repairable');
});

test.each([
  ['an id past the last', ['E2', 'E13']],
  ['an id with zeros', ['E02']],
  ['ids run together', ['E1E2']],
  ['the name of a tool', ['WHOIS']],
  ['an empty citation', ['E2', '']],
  ['a part of a word', ['SE2']],
  ['digits of another script', ['E２']],
])('%s is no evidence', (_, evidence) => {
  for (const kind of ['allow', 'block'] as const) {
    const accepted = accept(kind, evidence);
    expect(accepted.kind).toBe('repairable');
    expect(accepted.ending.outcome.kind).toBe('unsure');
    expect(accepted.ending.marks.map((mark) => mark.kind)).toEqual(['unknown_evidence']);
  }
});

test('the same citation twice counts once', () => {
  expect(accept('block', ['E1', 'e1', '[E1]']).ending.outcome.evidence).toEqual(['E1']);
});

test('a refusal says why first, then what the model said', () => {
  expect(accept('allow', ['E1']).ending.outcome.reasons).toEqual([
    "the model's allow rests on nothing but the page itself",
    'old',
  ]);
});

test('an allow against the scores is not given back for repair, whatever it cites', () => {
  for (const evidence of [['E2'], ['E1'], ['E9'], []]) {
    const { kind, ending } = accept('allow', evidence, { pastBlock: true, isOrdered: true });
    expect([kind, ending.outcome.kind, ending.outcome.why]).toEqual(['final', 'unsure', 'allow_refused']);
    expect(ending.marks.map((mark) => mark.kind)).toEqual(['past_block_threshold']);
  }
});

test('reasons are cleaned, bounded, and never none', () => {
  const reasons = ['\u001b[31mred', ' ', 'x'.repeat(900), ...Array<string>(20).fill('more')];
  const reply = { kind: 'verdict', verdict: 'block', reasons, evidence: ['E1'], said: '' } as const;
  const told = acceptVerdict(reply, GROUNDS).ending.outcome.reasons;
  expect(told).toHaveLength(5);
  expect(told[0]).toBe('·[31mred');
  expect(told[1]?.length).toBe(200);
  expect(acceptVerdict({ ...reply, reasons: [] }, GROUNDS).ending.outcome.reasons).toEqual([
    'the model gave no reason',
  ]);
});

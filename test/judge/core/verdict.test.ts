import { expect, test } from 'bun:test';
import { acceptVerdict, type Grounds } from '../../../src/judge/core/verdict.ts';
import type { EvidenceSource, Fact, JudgeKind, ToolResult } from '../../../src/model/inquiry.ts';
import { OLD } from './examples.ts';

const result = (id: string, source: EvidenceSource, facts: readonly Fact[] = []): ToolResult => ({
  id,
  tool: source === 'page' ? 'FETCH' : 'WHOIS',
  args: {},
  source,
  text: '',
  facts,
  instructions: null,
  ms: 1,
});
const GROUNDS: Grounds = {
  evidence: [result('E1', 'page'), result('E2', 'registry', [OLD]), result('E12', 'dns')],
  pastBlock: false,
  listed: null,
  isOrdered: false,
};
const accept = (verdict: JudgeKind, evidence: readonly string[], over: Partial<Grounds> = {}) =>
  acceptVerdict({ kind: 'verdict', verdict, reasons: ['old'], evidence, said: '' }, { ...GROUNDS, ...over });

test('the results that a verdict cites are its evidence', () => {
  const { outcome, marks, tell } = accept('allow', ['E12', 'E2']);
  expect([outcome.kind, outcome.why, outcome.evidence]).toEqual(['allow', 'judged', ['E12', 'E2']]);
  expect([marks, tell]).toEqual([[], null]);
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
    const { outcome, marks, tell } = accept(kind, evidence);
    expect(tell).toStartWith('It cites evidence that no tool returned. Ids: E1 (FETCH), E2 (WHOIS)');
    expect(outcome.kind).toBe('unsure');
    expect(marks.map((mark) => mark.kind)).toEqual(['unknown_evidence']);
  }
});

test('a refusal says why first, then what the model said', () => {
  expect(accept('allow', ['E1']).outcome.reasons).toEqual([
    "the model's allow rests on nothing but the page itself",
    'old',
  ]);
});

test('an allow against the scores is not given back for repair, whatever it cites', () => {
  for (const evidence of [['E2'], ['E1'], ['E9'], []]) {
    const { outcome, marks, tell } = accept('allow', evidence, { pastBlock: true, isOrdered: true });
    expect([outcome.kind, outcome.why, tell]).toEqual(['unsure', 'allow_refused', null]);
    expect(marks.map((mark) => mark.kind)).toEqual(['past_block_threshold']);
  }
});

test('reasons are never none', () => {
  const reply = { kind: 'verdict', verdict: 'block', reasons: [], evidence: ['E1'], said: '' } as const;
  expect(acceptVerdict(reply, GROUNDS).outcome.reasons).toEqual(['the model gave no reason']);
});

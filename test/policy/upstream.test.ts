import { expect, test } from 'bun:test';
import type { Ip } from '../../src/model/brand.ts';
import type { Verdict } from '../../src/model/flow.ts';
import { decide } from '../../src/policy/decide.ts';
import { compileScope } from '../../src/policy/scope.ts';
import { decideUpstream } from '../../src/policy/upstream.ts';
import { IP, policy, question, rule } from './examples.ts';

const REAL = '198.51.100.66' as Ip;

/** Decides, then decides again for the address the name really leads to. */
function after(p: ReturnType<typeof policy>, q = question(), upstream = REAL): Verdict | null {
  return decideUpstream(q, decide(q, p), upstream, p);
}

test('an address that is blocked by rule blocks a name that leads there', () => {
  const block = rule({ host: '198.51.100.0/24', action: 'block' });
  const verdict = after(policy([block]));
  expect(verdict).toMatchObject({ kind: 'block', stage: 'rules', reason: 'upstream_blocked' });
  expect(verdict?.evidence.map((fact) => fact.kind)).toEqual(['rule', 'address']);
});

test('an address that is blocked by list blocks a name that leads there', () => {
  expect(after(policy([], { block: [REAL] }))).toMatchObject({
    stage: 'blocklist',
    reason: 'upstream_blocked',
  });
});

test('a rule or allowlist entry for the name goes before the address it leads to', () => {
  const block = rule({ host: '0.0.0.0/0', action: 'block' });
  expect(after(policy([block, rule({ host: 'example.com' })]))).toBeNull();
  expect(after(policy([], { allow: ['www.example.com'], block: [REAL] }))).toBeNull();
});

test('a program cannot reach any name by dialling an allowed address', () => {
  const dialled = rule({ host: IP });
  expect(decide(question(), policy([dialled]))).toMatchObject({ kind: 'allow' });
  expect(after(policy([dialled]))).toMatchObject({ kind: 'ask', reason: 'open_question' });
  expect(after(policy([dialled, rule({ host: '*', action: 'block' })]))).toMatchObject({ kind: 'block' });
});

test('a program in a scope cannot reach any name by dialling an allowed address', () => {
  const compiled = compileScope('jail', [{ host: IP, port: null }]);
  if (!compiled.ok) throw new Error(compiled.error);
  const p = policy([], {}, { scope: compiled.scope });
  expect(decide(question(), p)).toMatchObject({ kind: 'allow' });
  expect(after(p)).toMatchObject({ kind: 'block', stage: 'scope', reason: 'upstream_blocked' });
});

test('nothing changes when the name leads where the program dialled, or there is no name', () => {
  const p = policy([rule({ host: IP })], { block: [REAL] });
  expect(after(p, question(), IP)).toBeNull();
  expect(after(p, question({ host: null }))).toBeNull();
});

test('a block is not decided again', () => {
  expect(after(policy([rule({ host: 'example.com', action: 'block' })], { block: [REAL] }))).toBeNull();
});

test('what a person or judge allowed stays, unless the address is blocked', () => {
  for (const stage of ['person', 'judge'] as const) {
    const yes: Verdict = { kind: 'allow', stage, reason: 'answered', evidence: [] };
    expect(decideUpstream(question(), yes, REAL, policy())).toBeNull();
    expect(decideUpstream(question(), yes, REAL, policy([], { block: [REAL] }))).toMatchObject({
      kind: 'block',
    });
  }
});

test('a question that was forwarded unanswered is blocked at a blocked address and asked no second time', () => {
  expect(after(policy())).toBeNull();
  expect(after(policy([], { block: [REAL] }))).toMatchObject({ kind: 'block' });
});

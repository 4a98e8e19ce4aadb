import { expect, test } from 'bun:test';
import { blockedBy } from '../../src/engine/asking-parts.ts';
import type { Host, Ip } from '../../src/model/brand.ts';
import type { Verdict } from '../../src/model/flow.ts';
import type { ListHit } from '../../src/policy/lists/host-lists.ts';
import type { Policy } from '../../src/policy/policy.ts';
import { compileRules } from '../../src/policy/rules/rule-set.ts';
import { compile, rule } from '../policy/examples.ts';

const HOST = 'www.new.example' as Host;
const HIT: ListHit = { list: 'urlhaus', category: 'malware', entry: 'new.example', line: 7 };
const BLOCK: Verdict = { kind: 'block', stage: 'judge', reason: 'while_judging', evidence: [] };

function policy(part: Partial<Policy> = {}, hit: ListHit | null = null): Policy {
  const none = () => null;
  const lists = { allow: none, allowIp: none, block: () => hit, blockIp: none };
  return { scope: null, rules: compileRules([]), lists, ...part };
}

test("the judge's tools do not go where a list blocks everybody, and say which", () => {
  expect(blockedBy(policy({}, HIT), HOST, null)).toBe('the malware list urlhaus');
  expect(blockedBy(policy(), HOST, null)).toBeNull();
  expect(blockedBy(policy(), null, '203.0.113.9' as Ip)).toBeNull();
});

test("they go where only the judge's own word blocks: the name it looks into is such while connections to it are blocked", () => {
  expect(blockedBy(policy({ judge: () => BLOCK }), HOST, null)).toBeNull();
  expect(blockedBy(policy({ cache: () => ({ ...BLOCK, stage: 'cache' }) }), HOST, null)).toBeNull();
});

test('what is blocked for one program or user is not blocked for everybody', () => {
  const rules = compile([rule({ app: 'curl', action: 'block' }), rule({ user: 'bob', action: 'block' })]);
  expect(blockedBy(policy({ rules }), HOST, null)).toBeNull();
  expect(blockedBy(policy({ rules: compile([rule({ action: 'block' })]) }), HOST, null)).not.toBeNull();
});

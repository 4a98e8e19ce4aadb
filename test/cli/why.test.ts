import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import type { Answer } from '../../src/control/handlers.ts';
import { cleanUp, serve, socketPath } from '../control/harness.ts';
import { sampleStatus } from '../control/sample-status.ts';
import { blockedFlow } from '../tui/feed/make-flow.ts';
import { linesOf, removeFolders, runCommand } from './judge/judge-cli.ts';

setDefaultTimeout(30_000);
afterEach(async () => {
  await cleanUp();
  removeFolders();
});

const policy = { program: '0.1.0', settings: 'a', rules: 'b', lists: 'c', scores: 'd' };
const flow = blockedFlow(7, 'ads.example.com');

async function why(part: Partial<Answer<'why'>>, ...args: string[]) {
  const report: Answer<'why'> = {
    ...{ flow, decidedBy: policy, today: policy, changed: [], repeat: 'same' },
    ...{ again: flow.verdict, steps: [] },
    ...part,
  };
  const path = socketPath();
  await serve(path, { why: () => report, status: () => sampleStatus() });
  return { report, ...(await runCommand(path, ['why', '7', ...args])) };
}

test('why tells what became of a connection, and that it would again', async () => {
  const ran = await why({});
  expect(ran.code).toBe(0);
  expect(linesOf(ran.stdout)).toEqual([
    expect.stringMatching(/^BLOCK ads\.example\.com:443 \(blocklist, mode enforce\) 20\d\d-.* UTC$/),
    expect.stringMatching(/^ {2}blocked: ads · /),
    'the policy of today gives the same verdict',
    'nothing that decides has changed since',
  ]);
});

test('another verdict of today is exit code 1, with what changed and the steps', async () => {
  const again = { kind: 'allow', stage: 'rules', reason: 'rule', evidence: [] } as const;
  const steps = [{ stage: 'rules', outcome: 'won', kind: 'allow', evidence: [] }] as const;
  const part = { repeat: 'other', changed: ['rules', 'lists'], again: { ...again, evidence: [] } } as const;
  const ran = await why({
    ...part,
    changed: [...part.changed],
    steps: steps.map((step) => ({ ...step, evidence: [] })),
  });
  expect(ran.code).toBe(1);
  expect(linesOf(ran.stdout).slice(2)).toEqual([
    'the policy of today gives another verdict: allow, by rules',
    'changed since: rules, lists',
    expect.stringMatching(/^→ rules {6}allow/),
  ]);
});

test('a verdict of its moment is no contradiction, and a policy that is not known is said to be', async () => {
  const ran = await why({ repeat: 'of_the_moment', decidedBy: null });
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('what only that moment knew');
  expect(ran.stdout).toContain('under which policy it was decided is not known');
});

test('why --json prints the report as it is, and what is no number is wrong usage', async () => {
  const ran = await why({}, '--json');
  expect(JSON.parse(ran.stdout)).toEqual(JSON.parse(JSON.stringify(ran.report)));
  expect((await runCommand(socketPath(), ['why', 'x'])).code).toBe(2);
});

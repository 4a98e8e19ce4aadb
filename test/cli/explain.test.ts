import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { explanationSchema, type StepReport } from '../../src/schema/explanation.ts';
import { cleanUp, serve, socketPath } from '../control/harness.ts';
import { sampleStatus } from '../control/sample-status.ts';
import { linesOf, removeFolders, runCommand } from './judge/judge-cli.ts';

setDefaultTimeout(30_000);
afterEach(async () => {
  await cleanUp();
  removeFolders();
});

const found = { kind: 'judge' as const, inquiry: 7, text: 'm: allow: known for years' };

async function explained(steps: readonly StepReport[], judge: object): Promise<string[]> {
  const won = steps.find((step) => step.outcome === 'won');
  const explanation = explanationSchema.parse({
    target: { host: 'www.example.com', ip: null, port: 443 },
    verdict: { kind: won?.kind, stage: won?.stage, reason: 'cached', evidence: [] },
    owner: null,
    mode: 'enforce',
    effect: 'forward',
    defaulted: false,
    steps,
  });
  const path = socketPath();
  await serve(path, {
    explain: () => explanation,
    status: () => ({ ...sampleStatus(), judge: { ...sampleStatus().judge, ...judge } }),
  });
  return linesOf((await runCommand(path, ['explain', 'www.example.com'])).stdout);
}

test('explain names the inquiry behind what the judge said, once', async () => {
  const lines = await explained(
    [
      { stage: 'cache', outcome: 'won', kind: 'allow', evidence: [found] },
      { stage: 'judge', outcome: 'passed', kind: null, evidence: [] },
      { stage: 'person', outcome: 'would', kind: 'ask', evidence: [found] },
    ],
    { state: 'ready' },
  );
  expect(lines.map((line) => line.trim())).toEqual([
    'www.example.com:443 passes (cache, mode enforce)',
    '→ cache      allow        m: allow: known for years',
    'resolagent judge show 7 tells all of it',
    'judge      passed',
    'person     would ask    m: allow: known for years',
  ]);
});

test('explain says why the judge is not asked', async () => {
  const lines = await explained(
    [
      { stage: 'judge', outcome: 'passed', kind: null, evidence: [] },
      { stage: 'person', outcome: 'won', kind: 'ask', evidence: [] },
    ],
    { state: 'unreachable', detail: 'nothing listens there' },
  );
  expect(lines[1]).toBe('  judge      passed       not there, tried again by itself: nothing listens there');
});

test('without an engine explain says what it cannot tell', async () => {
  const ran = await runCommand(socketPath(), ['explain', 'www.example.com', '--offline']);
  const steps = linesOf(ran.stdout).map((line) => line.trim());
  for (const stage of ['cache', 'judge'])
    expect(steps).toContain(`${stage.padEnd(10)} off          only a running engine can tell`);
});

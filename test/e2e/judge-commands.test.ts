import { expect } from 'bun:test';
import { inquirySchema, inquirySummarySchema, judgeCheckSchema } from '../../src/schema/judge.ts';
import { judgeReplaySchema } from '../../src/schema/judge-replay.ts';
import { until } from '../until.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { fetchPage, JUDGED, Model, printed, stranger } from './world/model.ts';

const SOON_MS = 20_000;

const test = endToEnd('judge commands', null);

test('check tells what the server can do, with an engine and without, and what is in the way', async ({
  world,
}) => {
  await using model = await Model.start(world);
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const check = async () => {
    const ran = await firewall.cli(['judge', 'check', '--json']);
    return { code: ran.code, check: judgeCheckSchema.strict().parse(JSON.parse(ran.stdout)) };
  };
  expect(await check()).toMatchObject({
    code: 0,
    check: { model: 'scripted', nativeTools: { ok: true }, textProtocol: { ok: true }, usable: true },
  });
  await model.play({ persona: 'text-only' });
  expect(await check()).toMatchObject({ code: 0, check: { nativeTools: { ok: false }, usable: true } });
  await model.end();
  expect(await check()).toMatchObject({ code: 1, check: { reachable: { ok: false }, usable: false } });
  await firewall.end('SIGTERM');
  const alone = await firewall.cli(['judge', 'check']);
  expect(alone.code).toBe(1);
  expect(alone.stdout).toContain('✗ reachable');
  expect(alone.stdout).toContain('→ start an OpenAI-compatible server there');
  expect((await firewall.cli(['judge', 'list'])).code).toBe(0);
});

test('replay runs an inquiry again from what its tools returned, and changes no verdict in force', async ({
  world,
}) => {
  await using model = await Model.start(world);
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'silver-birch');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  const replay = async (id: number) => {
    const ran = await firewall.cli(['judge', 'replay', String(id), '--json']);
    return { code: ran.code, ...judgeReplaySchema.strict().parse(JSON.parse(ran.stdout)) };
  };
  expect(await replay(1)).toMatchObject({
    code: 0,
    agree: true,
    before: { inquiry: 1, outcome: { kind: 'allow' } },
    after: { inquiry: 2, outcome: { kind: 'allow' } },
  });
  await model.play({ verdict: 'block' });
  expect(await replay(1)).toMatchObject({ code: 1, agree: false, after: { outcome: { kind: 'block' } } });
  expect((await firewall.cli(['judge', 'replay', '1'])).stdout).toContain(
    'they differ: allow then, block now',
  );
  expect(await firewall.cli(['judge', 'replay', '99'])).toMatchObject({ code: 1, stdout: '' });
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect(await printed(firewall, 'judge', 'learned')).toMatchObject([{ kind: 'allow', inquiry: 1 }]);
  const [shown] = await printed(firewall, 'judge', 'show', '3');
  expect(inquirySchema.strict().parse(shown)).toMatchObject({ replayOf: 1, outcome: { kind: 'block' } });
  expect((await firewall.cli(['judge', 'show', '3'])).stdout).toContain('a replay of inquiry 1');
});

test('replay reaches no server but the model', async ({ world }) => {
  await using _model = await Model.start(world, { tools: ['WHOIS', 'FETCH'] });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const host = await stranger(world, 'stone-bridge');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  const reached = async (): Promise<number> =>
    (await world.internet.accepted(host.ip4)).length + (await world.internet.accepted(host.ip6)).length;
  const before = await reached();
  // The page was fetched, and the connection itself came.
  expect(before).toBeGreaterThanOrEqual(2);
  expect(await firewall.cli(['judge', 'replay', '1'])).toMatchObject({ code: 0 });
  expect(await reached()).toBe(before);
});

test('check says that a server refuses the key', async ({ world }) => {
  await using _model = await Model.start(world, { persona: 'refusing' });
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const ran = await firewall.cli(['judge', 'check', '--json']);
  expect(ran.code).toBe(1);
  const found = judgeCheckSchema.strict().parse(JSON.parse(ran.stdout));
  expect(found).toMatchObject({ reachable: { ok: false }, completion: { ok: false }, usable: false });
  expect(found.reachable.detail).toContain('401');
});

test('transcripts outlive a killed engine, and their ids go on', async ({ world }) => {
  await using _model = await Model.start(world);
  await using firewall = await Firewall.start(world, { config: JUDGED });
  const [first, second] = [await stranger(world, 'winter-road'), await stranger(world, 'summer-road')];
  await fetchPage(world, `http://${first.name}/`);
  const [before] = await printed(firewall, 'judge', 'show', '1');
  await until('all is written', SOON_MS, async () => (await firewall.status()).ledger.queued === 0);
  await firewall.end('SIGKILL');
  expect(await printed(firewall, 'judge', 'show', '1')).toEqual([before]);
  expect(await printed(firewall, 'judge', 'learned')).toMatchObject([{ domain: first.domain, inquiry: 1 }]);
  await firewall.start();
  expect(await printed(firewall, 'judge', 'show', '1')).toEqual([before]);
  await fetchPage(world, `http://${second.name}/`);
  const listed = await printed(firewall, 'judge', 'list');
  expect(listed.map((line) => inquirySummarySchema.strict().parse(line))).toMatchObject([
    { id: 2, domain: second.domain },
    { id: 1, domain: first.domain },
  ]);
  const lines = (await firewall.cli(['judge', 'list'])).stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.includes('for curl'))).toEqual([true, true]);
});

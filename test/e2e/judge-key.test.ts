import { expect } from 'bun:test';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inquirySummarySchema, judgeCheckSchema } from '../../src/schema/judge.ts';
import { until } from '../until.ts';
import { endToEnd } from './world/end-to-end.ts';
import { Firewall } from './world/firewall.ts';
import { fetchPage, JUDGED, Model, printed, stranger } from './world/model.ts';
import { must } from './world/run.ts';
import type { World } from './world/world.ts';

const SOON_MS = 20_000;
const KEY = 'sk-e2e-7Qm2vXw9LtR4';
const WRONG_KEY = 'sk-e2e-wrong-B8zN3kPd';

const test = endToEnd('the key of the judge', null);

async function check(firewall: Firewall) {
  const ran = await firewall.cli(['judge', 'check', '--json']);
  return { code: ran.code, ...judgeCheckSchema.parse(JSON.parse(ran.stdout)) };
}

/** A key file, as its owner left it. */
function keyFile(world: World, key: string, mode: number): string {
  const path = `${world.folder}/key-${mode.toString(8)}-${key.length}`;
  writeFileSync(path, `${key}\n`);
  chmodSync(path, mode);
  return path;
}

/** Everything that a person or program can read of the engine afterwards. */
async function allThatIsKept(firewall: Firewall): Promise<string> {
  await until('all is written', SOON_MS, async () => (await firewall.status()).ledger.queued === 0);
  const files = readdirSync(firewall.state, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const kept = files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
  expect(kept.join('').length).toBeGreaterThan(0);
  const ids = (await printed(firewall, 'judge', 'list')).map((line) => inquirySummarySchema.parse(line).id);
  for (const id of ids) kept.push(JSON.stringify(await printed(firewall, 'judge', 'show', String(id))));
  const said = [await firewall.said(), await firewall.printed(), JSON.stringify(await firewall.status())];
  const shown = [JSON.stringify(await firewall.flows('')), await must(['ps', '-eww', '-o', 'args'])];
  return [...kept, ...said, ...shown].join('\n');
}

test('the key reaches the server, and stands nowhere else', async ({ world }) => {
  await using model = await Model.start(world, { key: KEY });
  const path = keyFile(world, KEY, 0o600);
  await using firewall = await Firewall.start(world, { config: `${JUDGED}apiKeyFile = "${path}"\n` });
  const host = await stranger(world, 'silver-key');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect((await check(firewall)).usable).toBe(true);
  const bearers = new Set(model.requests().map(({ headers }) => headers.authorization));
  expect(bearers).toEqual(new Set([`Bearer ${KEY}`]));
  expect(JSON.stringify(model.requests().map(({ body }) => body))).not.toContain(KEY);
  expect(await allThatIsKept(firewall)).not.toContain(KEY);
});

test('a key that the server refuses and repeats stands nowhere either', async ({ world }) => {
  await using model = await Model.start(world);
  const path = keyFile(world, WRONG_KEY, 0o600);
  await using firewall = await Firewall.start(world, { config: `${JUDGED}apiKeyFile = "${path}"\n` });
  // It was fine at the start, and is taken back in the middle.
  await model.play({ key: KEY });
  const host = await stranger(world, 'rusty-key');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  await until('it is noticed', SOON_MS, async () => (await firewall.status()).judge.state === 'refused');
  const checked = await firewall.cli(['judge', 'check']);
  expect(checked.code).toBe(1);
  expect(`${checked.stdout}${checked.stderr}`).not.toContain(WRONG_KEY);
  expect(await allThatIsKept(firewall)).not.toContain(WRONG_KEY);
});

test('a key file that others can read is refused, with the remedy', async ({ world }) => {
  await using model = await Model.start(world, { key: KEY });
  const path = keyFile(world, KEY, 0o644);
  await using firewall = await Firewall.start(world, { config: `${JUDGED}apiKeyFile = "${path}"\n` });
  const { judge } = await firewall.status();
  expect(judge.state).toBe('refused');
  expect(judge.detail).toContain(`chmod 600 ${path}`);
  const host = await stranger(world, 'open-key');
  expect(await fetchPage(world, `http://${host.name}/`)).toMatchObject({ status: 200 });
  expect((await firewall.flow(`host:=${host.name}`)).verdict.reason).toBe('nobody_to_ask');
  const checked = await firewall.cli(['judge', 'check']);
  expect(checked.code).not.toBe(0);
  expect(`${checked.stdout}${checked.stderr}`).toContain(`chmod 600 ${path}`);
  expect(model.requests()).toEqual([]);
  // The remedy, done as told, counts with the next check.
  chmodSync(path, 0o600);
  expect((await firewall.cli(['judge', 'check'])).code).toBe(0);
  expect((await firewall.status()).judge.state).toBe('ready');
  expect(await allThatIsKept(firewall)).not.toContain(KEY);
});

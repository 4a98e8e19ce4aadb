import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { until } from '../until.ts';
import { pattern } from './internet/pattern.ts';
import { endToEnd } from './world/end-to-end.ts';
import type { Firewall } from './world/firewall.ts';
import type { Ran } from './world/run.ts';
import type { World } from './world/world.ts';

const LARGE_BYTES = 104_857_600;
/** So that there is time to look; with it the receiver is slower than the sender, and the reverse. */
const RATE = '60M';
const CARRIED_MS = 20_000;

const test = endToEnd('large', () => ({}));

const SUM = new Bun.CryptoHasher('sha256').update(pattern(LARGE_BYTES)).digest('hex');
const SHOWN = ['-sS', '-4', '-w', '%{stderr}%{http_code} %{num_connects}\n'];
const KEPT_URL = `/kept/${LARGE_BYTES}`;

function uploadFile(world: World): string {
  const path = `${world.folder}/upload-large`;
  writeFileSync(path, pattern(LARGE_BYTES), { mode: 0o644 });
  return path;
}

async function carried(firewall: Firewall): Promise<number> {
  return (await firewall.status()).offload.carried;
}

/** Runs a shell command that is seen to be carried by the offload thread, and nothing of which is once it has ended. */
async function runCarried(world: World, firewall: Firewall, command: string): Promise<Ran> {
  const running = world.program(['sh', '-c', command]);
  await until('it is carried', CARRIED_MS, async () => (await carried(firewall)) > 0);
  const ran = await running;
  await until('all is over', CARRIED_MS, async () => (await carried(firewall)) === 0);
  return ran;
}

const quoted = (args: readonly string[]): string => args.map((arg) => `'${arg}'`).join(' ');

for (const [title, path, more] of [
  ['download', KEPT_URL, () => []],
  ['upload', '/upload/kept', (world: World) => ['-T', uploadFile(world)]],
] as const) {
  test(`a large ${title} by plain HTTP is carried by the offload thread, and a blocked request behind it ends the connection`, async ({
    world,
    firewall,
  }) => {
    const [host, same, bad] = [
      await world.host(`${title}-1`),
      await world.host(`${title}-2`),
      await world.host(`${title}-bad`),
    ];
    await firewall.rule('block', bad.name);
    const first = (name: string): string[] => [
      ...[...SHOWN, '--limit-rate', RATE, '-o', '-'],
      ...more(world),
      `http://${name}${path}`,
    ];
    const alone = await runCarried(world, firewall, `curl ${quoted(first(host.name))} | sha256sum`);
    const next = ['--next', ...SHOWN, '-o', '/dev/null', '-H', `Host: ${bad.name}`, `http://${same.name}/`];
    const both = await runCarried(
      world,
      firewall,
      `curl ${quoted([...first(same.name), ...next])} | sha256sum`,
    );
    expect(alone.stderr).toBe('200 1\n');
    expect(both.stderr).toBe('200 1\n403 1\n');
    expect(both.stdout).toBe(alone.stdout);
    if (title === 'download') expect(alone.stdout).toStartWith(SUM);
    const ended = await firewall.flow(`host:=${same.name}`);
    expect(ended).toMatchObject({ effect: 'reset', verdict: { reason: 'another_host' } });
    const whole = await firewall.flow(`host:=${host.name}`);
    expect(whole).toMatchObject({ state: 'closed' });
    expect([ended.bytesIn, ended.bytesOut]).toEqual([whole.bytesIn, whole.bytesOut]);
    const heard = [await world.internet.accepted(host.ip4), await world.internet.accepted(same.ip4)];
    expect(heard.map((each) => each.map(({ bytesIn }) => bytesIn))).toEqual([
      [whole.bytesOut],
      [whole.bytesOut],
    ]);
  });
}

test('what is uploaded in chunks or with a known length arrives as it was', async ({ world, firewall }) => {
  const host = await world.host('arrives');
  const file = uploadFile(world);
  const upload = `curl -sS -4 http://${host.name}/upload -H Expect: -T`;
  const known = await runCarried(world, firewall, `${upload} ${file} --limit-rate ${RATE}`);
  const chunked = await world.program(['sh', '-c', `${upload} - < ${file}`]);
  for (const { stdout } of [known, chunked])
    expect(JSON.parse(stdout)).toEqual({ bytes: LARGE_BYTES, sha256: SUM });
});

test('a client that leaves in the middle of a large answer or body ends the flow', async ({
  world,
  firewall,
}) => {
  const host = await world.host('leaves');
  const slow = `curl -sS -4 -o /dev/null -m 2 --limit-rate 10M http://${host.name}`;
  for (const what of [KEPT_URL, `/upload/kept -T ${uploadFile(world)}`]) {
    expect((await runCarried(world, firewall, `${slow}${what}`)).code).toBe(28);
  }
  await until('both have ended', CARRIED_MS, async () => {
    const flows = await firewall.flows(`host:=${host.name}`);
    return flows.length === 2 && flows.every(({ state }) => state !== 'open');
  });
  for (const { ended } of await world.internet.accepted(host.ip4)) expect(ended).toBe(true);
});

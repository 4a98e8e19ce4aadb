import { expect } from 'bun:test';
import { until } from '../until.ts';
import { talk } from './clients/talk.ts';
import { PORTS } from './internet/protocol.ts';
import { endToEnd } from './world/end-to-end.ts';
import { expectUntouched } from './world/untouched.ts';

/** Longer than `proxy.sniffWaitMs`, after which a silent client is decided where servers speak first. */
const SILENCE_MS = 1_500;
/** How long a page is left open in the browser: its further sockets come within it. */
const BROWSING_MS = 6_000;
const CHROMIUM = ['chromium', 'chromium-browser']
  .map((name) => Bun.which(name))
  .find((path) => path !== null);

const test = endToEnd('silence', () => ({}));

test('a silent socket to a web server reaches nobody, and what it says after that is read', async ({
  world,
  firewall,
}) => {
  const bad = await world.host('silent-bad');
  const good = await world.host('silent-good');
  await firewall.rule('block', bad.name);
  const get = (name: string) => `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`;
  const [refused, answered] = await Promise.all([
    talk(world, { ip: bad.ip4, port: 80, silenceMs: SILENCE_MS, text: get(bad.name) }),
    talk(world, { ip: good.ip6, port: 80, silenceMs: SILENCE_MS, text: get(good.name) }),
  ]);
  expect(refused.text).toContain('403 Forbidden');
  expect(answered.text).toContain(`"host":"${good.name}"`);
  await expectUntouched(world, bad);
});

test('a socket that ends without a word reaches nobody and is told as what it was', async ({
  world,
  firewall,
}) => {
  const host = await world.host('wordless');
  for (const port of [PORTS.http, PORTS.https]) {
    expect(await talk(world, { ip: host.ip4, port, end: true })).toMatchObject({
      outcome: 'ended',
      received: 0,
    });
  }
  const flows = await firewall.flows(`ip:${host.ip4}`);
  expect(flows.map(({ effect, verdict }) => [effect, verdict.reason])).toEqual([
    ['closed', 'said_nothing'],
    ['closed', 'said_nothing'],
  ]);
  await expectUntouched(world, host);
});

test('servers that speak first are heard as before', async ({ world }) => {
  const host = await world.host('greeting');
  const ssh = await talk(world, {
    ip: host.ip4,
    port: PORTS.ssh,
    silenceMs: SILENCE_MS,
    text: 'SSH-2.0-x\r\n',
  });
  expect(ssh).toMatchObject({ outcome: 'ended', text: 'SSH-2.0-rae_banner\r\n' });
  const smtp = await talk(world, { ip: host.ip6, port: PORTS.smtp, silenceMs: SILENCE_MS, text: 'QUIT\r\n' });
  expect(smtp.text).toBe('220 rae.e2e.test ESMTP\r\n221 bye\r\n');
  const speech = await talk(world, { ip: host.ip4, port: PORTS.speech, listen: true });
  expect(speech.received).toBeGreaterThan(0);
});

test('a name just refused counts for a silent socket of the same program, where a server may speak first', async ({
  world,
  firewall,
}) => {
  const host = await world.host('second-socket');
  await firewall.rule('block', host.name);
  const text = `GET / HTTP/1.1\r\nHost: ${host.name}\r\n\r\n`;
  expect((await talk(world, { ip: host.ip4, port: PORTS.echo, text })).text).toContain('403 Forbidden');
  expect((await talk(world, { ip: host.ip4, port: PORTS.ssh })).outcome).toBe('reset');
  await expectUntouched(world, host);
});

if (CHROMIUM !== undefined) {
  test('a browser that opens a blocked page of plain HTTP does not let its server know', async ({
    world,
    firewall,
  }) => {
    const host = await world.host('visited');
    await firewall.rule('block', host.name);
    const browser = browse(world.names.client, `${world.folder}/browser`, `http://${host.name}/`);
    try {
      await until('the browser was refused', BROWSING_MS * 5, async () => {
        const flows = await firewall.flows(`host:=${host.name}`);
        return flows.some(({ effect }) => effect === 'forbidden');
      });
      // Its second socket is opened beside the first and says nothing, for as long as the page stands.
      await Bun.sleep(BROWSING_MS);
    } finally {
      await end(browser);
    }
    await expectUntouched(world, host);
  });
}

/** A browser that keeps its page open until it is ended. */
function browse(namespace: string, profile: string, url: string): Bun.Subprocess {
  const quiet = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage'];
  const plain = '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable';
  const open = ['--remote-debugging-port=0', `--user-data-dir=${profile}`, url];
  const args = [...quiet, '--disable-background-networking', plain, ...open];
  const command = ['ip', 'netns', 'exec', namespace, CHROMIUM ?? '', ...args];
  return Bun.spawn(command, { stdout: 'ignore', stderr: 'ignore', detached: true });
}

async function end(browser: Bun.Subprocess): Promise<void> {
  if (browser.exitCode === null) process.kill(-browser.pid, 'SIGKILL');
  await browser.exited;
}

import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { until } from '../until.ts';
import { hello, talk } from './clients/talk.ts';
import { pattern } from './internet/pattern.ts';
import { PORTS, SPEECH_BYTES } from './internet/protocol.ts';
import { endToEnd } from './world/end-to-end.ts';
import type { World } from './world/world.ts';

const RECORDED_MS = 20_000;
const LARGE_BYTES = 104_857_600;
const SMALL_BYTES = 65_536;
const FAMILIES = [4, 6] as const;

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}

function patternFile(world: World, sizeBytes: number): string {
  const path = `${world.folder}/pattern-${sizeBytes}`;
  writeFileSync(path, pattern(sizeBytes), { mode: 0o644 });
  return path;
}

const test = endToEnd('conversations', () => ({}));

for (const family of FAMILIES) {
  for (const size of [0, 1, SMALL_BYTES, LARGE_BYTES]) {
    test(`a client over IPv${family} that ends its side after ${size} bytes still gets the answer`, async ({
      world,
    }) => {
      const host = await world.host(`half-${family}-${size}`);
      const ip = family === 4 ? host.ip4 : host.ip6;
      const answer = await talk(world, {
        ip,
        port: PORTS.digest,
        file: patternFile(world, size),
        end: true,
      });
      expect(answer.text).toBe(`${size} ${sha256(pattern(size))}\n`);
      expect(answer.outcome).toBe('ended');
    });
  }

  test(`a server over IPv${family} that ends its side first still gets what the client says then`, async ({
    world,
  }) => {
    const host = await world.host(`first-${family}`);
    const ip = family === 4 ? host.ip4 : host.ip6;
    const file = patternFile(world, SMALL_BYTES);
    const heard = await talk(world, { ip, port: PORTS.speech, listen: true, file, end: true });
    expect(heard).toMatchObject({ received: SPEECH_BYTES, sha256: sha256(pattern(SPEECH_BYTES)) });
    const [accepted] = await until('the server has heard the client out', RECORDED_MS, async () => {
      const all = await world.internet.accepted(ip);
      return all.length === 1 && all[0]?.ended === true && all;
    });
    expect(accepted).toMatchObject({ bytesIn: SMALL_BYTES, sha256: sha256(pattern(SMALL_BYTES)) });
  });

  test(`a client over IPv${family} that waits for an SSH banner gets it`, async ({ world, firewall }) => {
    const host = await world.host(`ssh-${family}`);
    const options = [
      '-o',
      'ConnectTimeout=10',
      '-o',
      'StrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
    ];
    const ran = await world.program(['ssh', '-v', `-${family}`, ...options, `someone@${host.name}`, 'true']);
    expect(ran.stderr).toContain('remote software version rae_banner');
    const flow = await firewall.flow(`ip:${family === 4 ? host.ip4 : host.ip6}`);
    expect(flow).toMatchObject({ target: { host: null, port: PORTS.ssh }, effect: 'forward' });
  });
}

test('a client that says nothing at all hears its server', async ({ world, firewall }) => {
  const host = await world.host('silent');
  const heard = await talk(world, { ip: host.ip4, port: PORTS.speech, listen: true, end: true });
  expect(heard).toMatchObject({ outcome: 'ended', received: SPEECH_BYTES });
  expect((await firewall.flow(`ip:${host.ip4}`)).sniff.protocol).toBe('silent');
});

test('a message is handed over by SMTP', async ({ world }) => {
  const host = await world.host('mail');
  const mail = ['--mail-from', 'a@e2e.test', '--mail-rcpt', 'b@e2e.test', '-T', '-'];
  const ran = await world.program(['curl', '-sS', ...mail, `smtp://${host.name}:25`], {
    stdin: 'Subject: hello\r\n\r\nhello\r\n',
  });
  expect([ran.code, ran.stderr]).toEqual([0, '']);
  const accepted = (await Promise.all([host.ip4, host.ip6].map((ip) => world.internet.accepted(ip)))).flat();
  expect(accepted).toHaveLength(1);
  expect(accepted[0]?.bytesIn).toBeGreaterThan(60);
});

test('a server that does not listen refuses the client', async ({ world, firewall }) => {
  const host = await world.host('no-service');
  const refused = await hello(world, { ip: host.ip4, port: 8443, name: host.name });
  expect(refused.outcome).toBe('reset');
  expect(await firewall.flow(`host:=${host.name}`)).toMatchObject({
    state: 'connect_failed',
    detail: 'ECONNREFUSED',
    effect: 'forward',
  });
});

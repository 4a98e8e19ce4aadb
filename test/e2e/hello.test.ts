import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { type Hello, hello, talk, whereOf } from './clients/talk.ts';
import { endToEnd } from './world/end-to-end.ts';
import { expectUntouched } from './world/untouched.ts';

const RANDOM_BYTES = 16_384;
/** What is read of a hello at most, and protocol names that make it longer; OpenSSL's servers take twice as much. */
const LARGEST_HELLO_BYTES = 65_536;
const TOO_LONG_BYTES = 65_300;

/** Shapes of one and the same ClientHello. */
const SHAPES: Readonly<Record<string, Partial<Hello>>> = {
  'in one piece': {},
  'one byte at a time': { pieces: 1 },
  'in pieces of 7 bytes': { pieces: 7 },
  'in records of one byte': { records: 1 },
  'in records of 40 bytes, one byte at a time': { records: 40, pieces: 1 },
  'grown to 16 KB': { alpnBytes: 15_800 },
  'grown to 16 KB, in records of 100 bytes and pieces of 64': { alpnBytes: 15_800, records: 100, pieces: 64 },
  'grown past one record': { alpnBytes: 24_000 },
  'after a silence': { silenceMs: 600 },
  'after a silence, one byte at a time': { silenceMs: 600, pieces: 1 },
};

/** A client that has begun to speak has so long to name its server. */
const SNIFF_TIMEOUT_MS = 3_000;

const test = endToEnd('hellos', () => ({ config: `[proxy]\nsniffTimeoutMs = ${SNIFF_TIMEOUT_MS}\n` }));

for (const [title, shape] of Object.entries(SHAPES)) {
  const label = title.replaceAll(/[^a-z0-9]+/g, '-');
  test(`a hello ${title} is read: the handshake ends well and the name is in the log`, async ({
    world,
    firewall,
  }) => {
    const host = await world.host(`good-${label}`);
    const answered = await hello(world, { ip: host.ip4, name: host.name, ...shape });
    expect(answered).toMatchObject({
      outcome: 'answered',
      fingerprint: world.certificates.fingerprint,
    });
    expect(whereOf(answered.body)).toMatchObject({ ip: host.ip4, sni: host.name });
    if (shape.alpnBytes !== undefined) expect(answered.helloBytes).toBeGreaterThan(shape.alpnBytes);
    const flow = await firewall.flow(`host:=${host.name}`);
    expect(flow).toMatchObject({
      sniff: { protocol: 'tls', sni: host.name, malformed: null },
      effect: 'forward',
    });
    expect(flow.sniff.ja4).toMatch(/^t13d/);
  });

  test(`a hello ${title} for a blocked name is refused, and its server gets nothing of it`, async ({
    world,
    firewall,
  }) => {
    const host = await world.host(`bad-${label}`);
    await firewall.rule('block', host.name);
    const refused = await hello(world, { ip: host.ip6, name: host.name, ...shape });
    expect(refused.outcome).toBe('reset');
    await expectUntouched(world, host);
  });
}

test('a hello that pauses until its time is over does not carry a blocked name past', async ({
  world,
  firewall,
}) => {
  const host = await world.host('stretched');
  await firewall.rule('block', host.name);
  const pause = { pauseAfter: 60, pauseMs: SNIFF_TIMEOUT_MS + 1_000 };
  const stretched = await hello(world, { ip: host.ip4, name: host.name, ...pause });
  expect(stretched.outcome).toBe('reset');
  await expectUntouched(world, host);
});

test('a hello that is too long to be read does not carry a blocked name past', async ({
  world,
  firewall,
}) => {
  const host = await world.host('too-long');
  await firewall.rule('block', host.name);
  const refused = await hello(world, { ip: host.ip4, name: host.name, alpnBytes: TOO_LONG_BYTES });
  expect(refused.helloBytes).toBeGreaterThan(LARGEST_HELLO_BYTES);
  expect(refused.outcome).toBe('reset');
  await expectUntouched(world, host);
});

test('a hello that is cut off does not reach an address that is blocked, and its connection ends', async ({
  world,
  firewall,
}) => {
  const host = await world.host('cut-off');
  await firewall.rule('block', host.ip4);
  const cut = await hello(world, { ip: host.ip4, name: host.name, cutAfter: 100 });
  expect(cut.outcome).toBe('reset');
  await expectUntouched(world, host);
});

test('random bytes pass as what they are, unchanged', async ({ world, firewall }) => {
  const host = await world.host('random');
  const file = `${world.folder}/random`;
  const bytes = crypto.getRandomValues(new Uint8Array(RANDOM_BYTES));
  writeFileSync(file, bytes, { mode: 0o644 });
  const sent = new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
  for (const pieces of [1_000, RANDOM_BYTES]) {
    const echoed = await talk(world, { ip: host.ip4, port: 7003, file, pieces, end: true });
    expect(echoed).toMatchObject({ outcome: 'ended', received: RANDOM_BYTES, sha256: sent });
  }
  const flows = await firewall.flows(`ip:${host.ip4}`);
  for (const flow of flows) expect(flow.sniff).toMatchObject({ sni: null, httpHost: null });
});

import { expect } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { CLIENTS, fetchWith } from './clients/fetch.ts';
import { pattern } from './internet/pattern.ts';
import { endToEnd, report } from './world/end-to-end.ts';
import type { World } from './world/world.ts';

const SMALL_BYTES = [0, 1, 65_536];
const LARGE_BYTES = 104_857_600;
const NOBODY = 65_534;
const FAMILIES = [4, 6] as const;

function sha256(bytes: Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(bytes).digest('hex');
}

/** A file with the first bytes of the pattern. */
function uploadFile(world: World, sizeBytes: number): string {
  const path = `${world.folder}/upload-${sizeBytes}`;
  writeFileSync(path, pattern(sizeBytes), { mode: 0o644 });
  return path;
}

const test = endToEnd('clients', () => ({}));

for (const client of CLIENTS) {
  for (const family of FAMILIES) {
    test(`${client} over IPv${family} sees the server's own certificate and gets and sends bodies unchanged`, async ({
      world,
      firewall,
    }) => {
      const host = await world.host(`${client}-small-${family}`);
      for (const size of SMALL_BYTES) {
        const expected = sha256(pattern(size));
        const down = await fetchWith(client, world, {
          url: `https://${host.name}/bytes/${size}`,
          family,
        });
        expect(down).toMatchObject({ bytes: size, sha256: expected });
        // wget shows no certificate: it was told to take this key and no other.
        if (client !== 'wget') expect(down.fingerprint).toBe(world.certificates.fingerprint);
        const upload = uploadFile(world, size);
        const up = await fetchWith(client, world, {
          url: `https://${host.name}/upload`,
          family,
          upload,
        });
        expect(JSON.parse(up.text)).toEqual({ bytes: size, sha256: expected });
      }
      const flows = await firewall.flows(`host:=${host.name}`);
      expect(flows.length).toBeGreaterThanOrEqual(SMALL_BYTES.length * 2);
      for (const flow of flows) {
        expect(flow).toMatchObject({
          effect: 'forward',
          nameMismatch: false,
          sniff: { sni: host.name },
        });
        expect(String(flow.target.ip)).toBe(family === 4 ? host.ip4 : host.ip6);
      }
    });
  }

  const family = FAMILIES[CLIENTS.indexOf(client) % 2] ?? 4;
  test(`${client} moves 100 MB over IPv${family} both ways byte for byte`, async ({ world }) => {
    const host = await world.host(`${client}-large`);
    const expected = sha256(pattern(LARGE_BYTES));
    const down = await fetchWith(client, world, {
      url: `https://${host.name}/bytes/${LARGE_BYTES}`,
      family,
    });
    expect(down).toMatchObject({ bytes: LARGE_BYTES, sha256: expected });
    const upload = uploadFile(world, LARGE_BYTES);
    const up = await fetchWith(client, world, { url: `https://${host.name}/upload`, family, upload });
    expect(JSON.parse(up.text)).toEqual({ bytes: LARGE_BYTES, sha256: expected });
    report(
      `${client}: 100 MB down in ${Math.round(down.ran.tookMs)} ms, up in ${Math.round(up.ran.tookMs)} ms`,
    );
  });
}

for (const [user, uid] of [
  ['root', 0],
  ['nobody', NOBODY],
] as const) {
  test(`tells which program of ${user} asked, and the shell that started it`, async ({ world, firewall }) => {
    const host = await world.host(`attributed-${user}`);
    await fetchWith('curl', world, { url: `https://${host.name}/`, family: 4, uid });
    const { origin } = await firewall.flow(`host:=${host.name}`);
    expect(origin).toMatchObject({ name: 'curl', uid, user, unknown: null });
    expect(origin.path).toEndWith('/curl');
    expect(origin.parents[0]?.name).toMatch(/^(dash|sh)$/);
    expect(origin.parents[0]?.pid).toBeGreaterThan(1);
    expect(origin.parents.map(({ pid }) => Number(pid))).toContain(process.pid);
  });
}

test('plain HTTP passes unchanged in both families', async ({ world, firewall }) => {
  const host = await world.host('plain');
  for (const family of FAMILIES) {
    const got = await fetchWith('curl', world, { url: `http://${host.name}/bytes/65536`, family });
    expect(got).toMatchObject({ bytes: 65_536, sha256: sha256(pattern(65_536)) });
  }
  const flows = await firewall.flows(`host:=${host.name}`);
  expect(flows.map(({ sniff }) => [sniff.protocol, sniff.httpHost])).toEqual([
    ['http', host.name],
    ['http', host.name],
  ]);
});

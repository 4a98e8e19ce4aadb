import { expect } from 'bun:test';
import { PORTS } from './internet/protocol.ts';
import { endToEnd } from './world/end-to-end.ts';
import { expectUntouched } from './world/untouched.ts';
import type { World } from './world/world.ts';

const test = endToEnd('later bytes', () => ({}));

/** A kept-alive answer of the web server: it knows no such number of bytes. */
const KEPT = '/bytes/none';

async function lateHello(world: World, args: object): Promise<string> {
  const script = `${import.meta.dir}/clients/late_hello.py`;
  const ran = await world.program(['python3', script, JSON.stringify(args)]);
  return (JSON.parse(ran.stdout) as { outcome: string }).outcome;
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex');

test('curl asks for another host on a kept-alive connection: that one ends, and its next one is decided by name', async ({
  world,
  firewall,
}) => {
  const host = await world.host('kept');
  const bad = await world.host('kept-bad');
  await firewall.rule('block', bad.name);
  const url = `http://${host.name}${KEPT}`;
  const shown = ['-sS', '-4', '-o', '/dev/null', '-w', '%{http_code} %{num_connects}\n'];
  const same = await world.program(['curl', ...shown, url, '--next', ...shown, url]);
  expect(same.stdout).toBe('400 1\n400 0\n');
  const other = await world.program([
    'curl',
    ...shown,
    url,
    '--next',
    ...shown,
    '-H',
    `Host: ${bad.name}`,
    url,
  ]);
  expect(other.stdout).toBe('400 1\n403 1\n');
  const [ended] = (await firewall.flows(`host:=${host.name}`)).filter(
    ({ verdict }) => verdict.reason === 'another_host',
  );
  expect(ended).toMatchObject({ effect: 'reset', state: 'refused', verdict: { stage: 'name' } });
  expect(await firewall.flow(`host:=${bad.name}`)).toMatchObject({
    effect: 'forbidden',
    target: { ip: host.ip4 },
  });
  const requests = (await world.internet.accepted(host.ip4)).map(({ bytesIn }) => bytesIn);
  expect(requests).toHaveLength(2);
  expect(Number(requests[0])).toBeGreaterThan(Number(requests[1]) * 1.5);
});

for (const [protocol, port] of [
  ['smtp', PORTS.smtp],
  ['ftp', PORTS.smtp],
] as const) {
  test(`openssl says STARTTLS in ${protocol}: a blocked name behind it is cut before it has passed`, async ({
    world,
    firewall,
  }) => {
    const host = await world.host(`starttls-${protocol}`);
    await firewall.rule('block', host.name);
    const where = ['-connect', `${host.ip4}:${port}`, '-servername', host.name];
    const ran = await world.program(['openssl', 's_client', '-starttls', protocol, ...where], { stdin: '' });
    expect(ran.code).not.toBe(0);
    const flow = await firewall.flow(`ip:${host.ip4}`);
    expect(flow).toMatchObject({
      effect: 'reset',
      state: 'refused',
      sniff: { protocol: 'silent', sni: host.name },
      verdict: { kind: 'block', reason: 'rule' },
    });
    const [accepted] = await world.internet.accepted(host.ip4);
    expect(accepted?.bytesIn).toBeLessThan(100);
  });
}

const SSL_REQUEST = '0000000804d2162f';
const SOCKS = '050100';
for (const [title, before] of [
  ['a Postgres SSLRequest', { before: SSL_REQUEST }],
  ['a Postgres SSLRequest in one piece', { before: SSL_REQUEST, together: true }],
  ['CONNECT', { before: hex('CONNECT 192.0.2.1:443 HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n') }],
  ['a SOCKS handshake', { before: SOCKS }],
  ['IMAP', { before: hex('a STARTTLS\r\n') }],
] as const) {
  test(`a hello behind ${title} is read: a blocked name ends the connection, another passes`, async ({
    world,
    firewall,
  }) => {
    const label = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
    const bad = await world.host(`bad-${label}`);
    const good = await world.host(`good-${label}`);
    await firewall.rule('block', bad.name);
    expect(await lateHello(world, { ip: bad.ip4, port: PORTS.echo, name: bad.name, ...before })).toBe(
      'reset',
    );
    expect(await lateHello(world, { ip: good.ip4, port: PORTS.echo, name: good.name, ...before })).toBe(
      'answered',
    );
    expect(await firewall.flow(`ip:${bad.ip4}`)).toMatchObject({ effect: 'reset', sniff: { sni: bad.name } });
    for (const { bytesIn } of await world.internet.accepted(bad.ip4)) {
      expect(bytesIn).toBeLessThanOrEqual(before.before.length / 2);
    }
  });
}

test('a PROXY header does not hide a blocked name', async ({ world, firewall }) => {
  const host = await world.host('proxied');
  await firewall.rule('block', host.name);
  const v1 = hex('PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n');
  const v2 = '0d0a0d0a000d0a515549540a2111000cc0000201c0000202dc0401bb';
  for (const before of [v1, v2]) {
    const args = { ip: host.ip4, port: PORTS.echo, name: host.name, before, together: true };
    expect(await lateHello(world, args)).toBe('reset');
  }
  await expectUntouched(world, host);
});

test('the Host of a request to a proxy counts beside its target', async ({ world, firewall }) => {
  const proxy = await world.host('some-proxy');
  const bad = await world.host('behind-proxy');
  await firewall.rule('block', bad.name);
  for (const [url, header] of [
    [`http://${bad.name}/`, 'other.example'],
    ['http://other.example/', bad.name],
  ]) {
    const args = [
      'curl',
      '-sS',
      '-x',
      `http://${proxy.ip4}:${PORTS.echo}`,
      '-H',
      `Host: ${header}`,
      String(url),
    ];
    expect((await world.program(args)).stdout).toContain(`resolagent blocked`);
  }
  await expectUntouched(world, proxy);
});

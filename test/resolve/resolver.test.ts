import { afterAll, beforeEach, describe, expect, setSystemTime, test } from 'bun:test';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Answer, decode, encode } from 'dns-packet';
import type { Host, Ip } from '../../src/model/brand.ts';
import { HostsFile, parseHosts } from '../../src/resolve/hosts-file.ts';
import { NameResolver, parseResolvConf } from '../../src/resolve/resolver.ts';
import { until } from '../until.ts';

const folder = mkdtempSync(join(tmpdir(), 'resolagent-dns-'));
const hosts = join(folder, 'hosts');
const conf = join(folder, 'resolv.conf');
const host = (name: string): Host => name as Host;
const ip = (text: string): Ip => text as Ip;

test('reads hosts(5) with comments, aliases, several families and junk', () => {
  const names = parseHosts(
    '127.0.0.1 localhost # x\n::1\tLOCALHOST a.example.\n\nnot-an-ip b\n1.2.3.4\n10.0.0.1 b c # d\n',
  );
  expect(Object.fromEntries(names)).toEqual({
    localhost: [ip('127.0.0.1'), ip('::1')],
    'a.example': [ip('::1')],
    b: [ip('10.0.0.1')],
    c: [ip('10.0.0.1')],
  });
});

test('reads the servers of resolv.conf(5)', () => {
  expect(
    parseResolvConf(
      '# x\nsearch a\nnameserver 10.0.0.1\n nameserver fe80::1%eth0\nnameserver x\nnameserver 10.0.0.2%eth0\noptions rotate',
    ),
  ).toEqual(['10.0.0.1', 'fe80::1%eth0']);
});

// Port 53 is fixed by resolv.conf(5), so a server of our own takes root; .ci/run is root.
describe.if(process.getuid?.() === 0)('with a DNS server', () => {
  const records = new Map<string, { ips: string[]; ttl: number }>();
  let asked: string[] = [];
  const server = createSocket('udp4');
  const ready = (async () => {
    server.on('message', (message, from) => {
      const query = decode(message);
      const question = query.questions?.[0];
      if (question === undefined) return;
      asked.push(`${question.type} ${question.name}`);
      const known = records.get(question.name);
      const answers = (known?.ips ?? [])
        .filter((address) => (question.type === 'AAAA') === address.includes(':'))
        .map(
          (data): Answer => ({ type: question.type as 'A', name: question.name, ttl: known?.ttl ?? 0, data }),
        );
      const flags = 0x180 | (known === undefined ? 3 : 0);
      server.send(
        encode({ type: 'response', id: query.id ?? 0, flags, questions: [question], answers }),
        from.port,
        from.address,
      );
    });
    server.bind(53, '127.0.0.77');
    await once(server, 'listening');
  })();
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    await ready;
    records.clear();
    asked = [];
    writeFileSync(hosts, '');
    writeFileSync(conf, 'nameserver 127.0.0.77\n');
  });

  test('an address of the name matches, another does not', async () => {
    records.set('a.example', { ips: ['203.0.113.1', '203.0.113.2', '2001:db8::1'], ttl: 60 });
    const resolver = new NameResolver(hosts, conf);
    const ips = [ip('203.0.113.1'), ip('203.0.113.2')];
    expect(await resolver.verify(host('a.example'), ip('203.0.113.2'))).toEqual({ match: true, ips });
    expect(await resolver.verify(host('a.example'), ip('198.51.100.1'))).toEqual({ match: false, ips });
    expect(await resolver.verify(host('a.example'), ip('2001:db8::1'))).toEqual({
      match: true,
      ips: [ip('2001:db8::1')],
    });
  });

  test('answers again without asking, at once', async () => {
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 60 });
    const resolver = new NameResolver(hosts, conf);
    await resolver.verify(host('a.example'), ip('203.0.113.1'));
    expect(resolver.verify(host('a.example'), ip('203.0.113.1'))).toEqual({
      match: true,
      ips: [ip('203.0.113.1')],
    });
    expect(asked).toEqual(['A a.example']);
  });

  test('asks once for many that wait for the same name', async () => {
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 60 });
    const resolver = new NameResolver(hosts, conf);
    await Promise.all(
      Array.from({ length: 50 }, () => resolver.verify(host('a.example'), ip('203.0.113.1'))),
    );
    expect(asked).toEqual(['A a.example']);
  });

  test('an address that a rotating name gave before still matches', async () => {
    const resolver = new NameResolver(hosts, conf);
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 0 });
    await resolver.verify(host('a.example'), ip('203.0.113.1'));
    records.set('a.example', { ips: ['203.0.113.9'], ttl: 0 });
    expect(await resolver.verify(host('a.example'), ip('203.0.113.1'))).toMatchObject({ match: true });
  });

  test('a name that moved is asked for past every cache, at once, however long its answer was to hold', async () => {
    const resolver = new NameResolver(hosts, conf);
    for (let move = 1; move <= 20; move++) {
      const now = ip(`203.0.113.${move}`);
      records.set('a.example', { ips: [now], ttl: 300 });
      expect(await resolver.verify(host('a.example'), now)).toEqual({ match: true, ips: [now] });
    }
    expect(asked).toHaveLength(20);
  });

  test('a mismatch is not believed of an answer that was asked for before the program came', async () => {
    const resolver = new NameResolver(hosts, conf);
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 300 });
    const before = resolver.verify(host('a.example'), ip('203.0.113.1'));
    await until('it is asked for', 5_000, () => asked.length === 1);
    records.set('a.example', { ips: ['203.0.113.9'], ttl: 300 });
    const after = resolver.verify(host('a.example'), ip('203.0.113.9'));
    expect(await before).toMatchObject({ match: true });
    expect(await after).toEqual({ match: true, ips: [ip('203.0.113.9')] });
  });

  test('a clock that is set, back or forth, makes nothing fresher or older', async () => {
    const resolver = new NameResolver(hosts, conf);
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 300 });
    await resolver.verify(host('a.example'), ip('203.0.113.1'));
    try {
      for (const date of ['2001-01-01T00:00:00Z', '2049-01-01T00:00:00Z']) {
        setSystemTime(new Date(date));
        expect(resolver.verify(host('a.example'), ip('203.0.113.1'))).toMatchObject({ match: true });
        expect(await resolver.addresses(host('a.example'), 4)).toEqual([ip('203.0.113.1')]);
      }
      expect(asked).toHaveLength(1);
      records.set('a.example', { ips: ['203.0.113.2'], ttl: 300 });
      setSystemTime(new Date('2001-01-01T00:00:00Z'));
      expect(await resolver.verify(host('a.example'), ip('203.0.113.2'))).toMatchObject({ match: true });
    } finally {
      setSystemTime();
    }
  });

  test('a name without an address has none', async () => {
    const resolver = new NameResolver(hosts, conf);
    expect(await resolver.verify(host('none.example'), ip('203.0.113.1'))).toEqual({ match: false, ips: [] });
  });

  test('the hosts file goes before DNS, and is read again when it changes', async () => {
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 60 });
    const resolver = new NameResolver(hosts, conf);
    writeFileSync(hosts, '198.51.100.7 a.example\n');
    expect(await resolver.verify(host('a.example'), ip('198.51.100.7'))).toMatchObject({ match: true });
    writeFileSync(hosts, '198.51.100.88 a.example\n');
    expect(await resolver.verify(host('a.example'), ip('198.51.100.88'))).toMatchObject({ match: true });
    expect(await resolver.addresses(host('a.example'), 4)).toEqual([ip('198.51.100.88')]);
    writeFileSync(hosts, '198.51.100.9 a.example\n');
    expect(await resolver.addresses(host('a.example'), 4)).toEqual([ip('198.51.100.9')]);
    expect(asked).toEqual([]);
  });

  test('a name of the hosts file is found as a whole word on any line, in any spelling', () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `0.0.0.0 ads${i}.a.example.com`);
    lines[700] = '203.0.113.7 x.example\tA.Example. b.example#c.example';
    writeFileSync(hosts, `${lines.join('\n')}\n203.0.113.8 last.example`);
    const file = new HostsFile(hosts);
    expect(file.lookup(host('a.example'))).toEqual([ip('203.0.113.7')]);
    expect(file.lookup(host('b.example'))).toEqual([ip('203.0.113.7')]);
    expect(file.lookup(host('c.example'))).toBeNull();
    expect(file.lookup(host('example'))).toBeNull();
    expect(file.lookup(host('last.example'))).toEqual([ip('203.0.113.8')]);
  });

  test('a resolv.conf that cannot be read costs answers only until it can', async () => {
    const broken = join(folder, 'broken.conf');
    mkdirSync(broken);
    const resolver = new NameResolver(hosts, broken);
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 60 });
    expect(await resolver.addresses(host('a.example'), 4)).toEqual([]);
    rmSync(broken, { recursive: true });
    writeFileSync(broken, 'nameserver 127.0.0.77\n');
    records.set('b.example', { ips: ['203.0.113.2'], ttl: 60 });
    expect(await resolver.addresses(host('b.example'), 4)).toEqual([ip('203.0.113.2')]);
    await until(
      'the name is asked again',
      10_000,
      async () => (await resolver.verify(host('a.example'), ip('203.0.113.1'))).match,
    );
  });

  test('changed servers are used', async () => {
    writeFileSync(conf, 'nameserver 127.0.0.78\n# nobody listens there\n');
    const resolver = new NameResolver(hosts, conf);
    writeFileSync(conf, 'nameserver 127.0.0.77\n');
    records.set('a.example', { ips: ['203.0.113.1'], ttl: 60 });
    expect(await resolver.addresses(host('a.example'), 4)).toEqual([ip('203.0.113.1')]);
  });
});

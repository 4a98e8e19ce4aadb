import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { until } from '../until.ts';
import { type Lines, makeNetns, type Netns, program, SERVER4, SERVER6 } from './netns.ts';

const GID = 64_321;
const ROOT = process.platform === 'linux' && process.geteuid?.() === 0;

describe.if(ROOT)('the table in a real kernel', () => {
  let net: Netns;
  let firewall: Lines;
  let server: Lines;

  const dial = async (kind: string, address: string, port: number, gid?: number) => {
    const args = [
      program('dial.py'),
      kind,
      address,
      String(port),
      ...(gid === undefined ? [] : [String(gid)]),
    ];
    return JSON.parse(await net.run('client', ['python3', ...args]));
  };
  const start = async (plan: object = {}): Promise<Lines> => {
    const lines = net.spawn('client', [
      process.execPath,
      program('firewall.ts'),
      String(GID),
      JSON.stringify(plan),
    ]);
    await lines.next();
    return lines;
  };
  const redirected = (ip: string, port: number) => ({
    answer: JSON.stringify({ kind: 'redirected', dst: { ip, port } }),
  });

  beforeAll(async () => {
    net = await makeNetns();
    server = net.spawn('internet', ['python3', program('server.py')]);
    expect(await server.next()).toBe('ready');
    firewall = await start();
  });
  afterAll(() => net.remove());

  test('redirects root and tells the original destination, both families, any port', async () => {
    expect(await dial('tcp', SERVER4[0], 443)).toEqual(redirected(SERVER4[0], 443));
    expect(await dial('tcp', SERVER4[1], 25)).toEqual(redirected(SERVER4[1], 25));
    expect(await dial('tcp', SERVER6[0], 443)).toEqual(redirected(SERVER6[0], 443));
    expect(await dial('tcp', SERVER6[1], 8_443)).toEqual(redirected(SERVER6[1], 8_443));
  });

  test('an IPv4 destination dialled from an IPv6 socket is redirected as IPv4', async () => {
    expect(await dial('tcp', `::ffff:${SERVER4[0]}`, 443)).toEqual(redirected(SERVER4[0], 443));
  });

  test('leaves the own group alone, in both families and for UDP 443', async () => {
    for (const address of [SERVER4[0], SERVER6[0]]) {
      expect(await dial('tcp', address, 443, GID)).toEqual({ answer: 'server' });
      expect(await dial('udp', address, 443, GID)).toEqual({ answer: 'server' });
    }
    expect(await dial('tcp', SERVER4[0], 443, GID + 1)).toEqual(redirected(SERVER4[0], 443));
  });

  test('refuses UDP 443 at once, many times in a row, and lets other datagrams pass', async () => {
    for (const address of [SERVER4[0], SERVER6[0]]) {
      for (let i = 0; i < 8; i++) {
        const { errno, seconds } = await dial('udp', address, 443);
        // send(2) itself fails, so sockets that are not connected learn of it too.
        expect(errno).toBe('EPERM');
        expect(seconds).toBeLessThan(1);
      }
    }
    expect(await dial('udp', SERVER4[0], 53)).toEqual({ answer: 'server' });
    expect(await dial('udp', SERVER6[0], 53)).toEqual({ answer: 'server' });
    const counters = await net.run('client', ['nft', 'list', 'chain', 'inet', 'resolagent', 'refuse_out']);
    expect(counters).toMatch(/udp dport 443 counter packets 16 /);
  });

  test('a connection made straight to the proxy is told from a redirected one', async () => {
    expect(await dial('tcp', '127.0.0.1', 297)).toEqual({ answer: '{"kind":"direct"}' });
    expect(await dial('tcp', '::1', 297)).toEqual({ answer: '{"kind":"direct"}' });
  });

  test('a destination that cannot be, since rules of others sent it here, is told from a real one', async () => {
    const other =
      'table inet other { chain o { type nat hook output priority -120; tcp dport 81 oifname "lo" redirect to :297; }; }';
    await net.run('client', ['nft', '-f', '-'], other);
    for (const ip of ['127.0.0.1', '::1'])
      expect(await dial('tcp', ip, 81)).toEqual({
        answer: JSON.stringify({
          kind: 'failed',
          error: `connection tracking says ${ip} port 81, which no rule of ours redirects`,
        }),
      });
    await net.run('client', ['nft', 'delete', 'table', 'inet', 'other']);
  });

  test('addresses of this machine are left alone', async () => {
    expect((await dial('tcp', '192.0.2.2', 17_999)).errno).toBe('ECONNREFUSED');
    expect((await dial('tcp', '2001:db8:1::2', 17_999)).errno).toBe('ECONNREFUSED');
  });

  test('the probe is seen in both families, again and again, and leaves no descriptor open', async () => {
    const before = await firewall.ask('fds');
    for (let i = 0; i < 5; i++) {
      expect(JSON.parse(await firewall.ask('probe 3000'))).toEqual({ state: 'enforced' });
    }
    expect(await firewall.ask('fds')).toBe(before);
  });

  test('the probe notices that another firewall threw the table away', async () => {
    await net.run('client', ['nft', 'flush', 'ruleset']);
    const result = JSON.parse(await firewall.ask('probe 300'));
    expect(result.state).toBe('not_enforced');
    expect(result.detail).toMatch(
      /^a connection to 198\.18\.0\.1:\d+ did not reach us in 300 ms \(.*\); .*2001:2::1/,
    );
    expect(await firewall.ask('installed')).toBe('false');
    await firewall.ask('install');
    expect(await firewall.ask('installed')).toBe('true');
    expect(JSON.parse(await firewall.ask('probe 3000'))).toEqual({ state: 'enforced' });
  });

  const kept = async () => JSON.parse(await firewall.ask('kept'));
  const mended = (times: number) =>
    until(`change ${times} is mended`, 5_000, async () => {
      const now = await kept();
      return now.interference?.times === times && now.state === 'enforced' && now;
    });

  test('whatever another program does to the table is heard of and mended; own changes are not counted', async () => {
    expect(await firewall.ask('keep')).toBe('"enforced"');
    expect((await kept()).interference).toBeNull();
    const rule = 'inet resolagent redirect_out';
    const changes = [
      'flush ruleset',
      'delete table inet resolagent',
      'flush table inet resolagent',
      `insert rule ${rule} accept`,
      'add table inet resolagent { flags dormant; }',
    ];
    for (const [i, change] of changes.entries()) {
      await net.run('client', ['nft', '-f', '-'], `${change}\n`);
      const { interference, notices } = await mended(i + 1);
      expect(interference.by).toMatch(/^nft \(pid \d+\)$/);
      expect(interference.at).toBeGreaterThan(Date.now() - 60_000);
      if (i === 0)
        expect(notices).toEqual([
          expect.stringMatching(
            /^nft \(pid \d+\) changed or removed the kernel rules; installed again after \d+ ms$/,
          ),
        ]);
      expect(await dial('tcp', SERVER4[0], 443)).toEqual(redirected(SERVER4[0], 443));
    }
    const other = 'table inet other {\nchain resolagent {\n}\n}';
    await net.run('client', ['nft', '-f', '-'], `${other}\n`);
    await firewall.ask('replan');
    const after = await kept();
    expect(after.interference.times).toBe(changes.length);
  });

  test('rules that are flushed in a loop are put back in the end, at a bounded rate, and told of now and then', async () => {
    const before = await kept();
    const startMs = performance.now();
    const flush = 'for i in $(seq 150); do nft flush ruleset; done';
    await net.run('client', ['/bin/sh', '-c', flush]);
    const seconds = (performance.now() - startMs) / 1_000;
    const after = await until('the rules are back', 5_000, async () => {
      const now = await kept();
      return now.state === 'enforced' && now;
    });
    expect(after.interference.times).toBeGreaterThan(before.interference.times);
    // Each installation uses up two numbers of the kernel: of the table that might be there, and of the new one.
    expect(Number(after.id) - Number(before.id)).toBeLessThan(2 * (10 * seconds + 10));
    expect(after.notices.length - before.notices.length).toBeLessThan(2 + seconds / 10);
    expect(await dial('tcp', SERVER4[0], 443)).toEqual(redirected(SERVER4[0], 443));
  });

  test('a flood of changes that is too much to hear is noticed, and the table looked at', async () => {
    const elements = Array.from({ length: 60_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`).join(',');
    const flood = `table inet other {\n set s {\n type ipv4_addr\n elements = { ${elements} }\n }\n}\n`;
    const { interference } = await kept();
    // While it is stopped nothing is read, and the kernel drops what does not fit, the end of our table included.
    firewall.child.kill('SIGSTOP');
    await net.run('client', ['nft', '-f', '-'], `${flood}flush ruleset\n`);
    firewall.child.kill('SIGCONT');
    await until('the rules are back', 5_000, async () => (await firewall.ask('installed')) === 'true');
    expect((await kept()).interference).toEqual(interference);
    expect(await dial('tcp', SERVER4[0], 443)).toEqual(redirected(SERVER4[0], 443));
    expect(await firewall.ask('leave')).toBe('"not_enforced"');
    await firewall.ask('install');
  });

  test('the probe knows a machine without a route from one without rules', async () => {
    await net.run('client', ['ip', 'route', 'del', 'default']);
    expect(JSON.parse(await firewall.ask('probe 3000'))).toEqual({ state: 'enforced' });
    await net.run('client', ['ip', '-6', 'route', 'del', 'default']);
    const result = JSON.parse(await firewall.ask('probe 3000'));
    expect(result.state).toBe('no_route');
    await net.run('client', ['ip', 'route', 'add', 'default', 'via', '192.0.2.1']);
    await net.run('client', ['ip', '-6', 'route', 'add', 'default', 'via', '2001:db8:1::1']);
  });

  test('what connection tracking does not see is refused, not let past', async () => {
    await net.run(
      'client',
      ['nft', '-f', '-'],
      'table inet other { chain o { type filter hook output priority -300; ip daddr 203.0.113.2 notrack; }; }',
    );
    expect((await dial('tcp', SERVER4[1], 443)).errno).toBe('ECONNREFUSED');
    expect(await dial('tcp', SERVER4[0], 443)).toEqual(redirected(SERVER4[0], 443));
    await net.run('client', ['nft', 'delete', 'table', 'inet', 'other']);
  });

  test('comes before a translation of somebody else, whoever loaded first', async () => {
    await net.run(
      'client',
      ['nft', '-f', '-'],
      'table inet other { chain o { type nat hook output priority -100; ip daddr 203.0.113.2 tcp dport 443 dnat ip to 203.0.113.1; }; }',
    );
    await firewall.ask('install');
    expect(await dial('tcp', SERVER4[1], 443)).toEqual(redirected(SERVER4[1], 443));
    await net.run('client', ['nft', 'delete', 'table', 'inet', 'other']);
  });

  test('a connection that was open before goes on, though connection tracking sees it for the first time', async () => {
    await firewall.ask('remove');
    const client = net.spawn('client', ['python3', program('hold.py'), SERVER4[0], '444']);
    const echo = net.spawn('internet', ['python3', program('echo.py'), '444']);
    expect(await echo.next()).toBe('ready');
    expect(await client.ask('connect')).toBe('connected');
    expect(await client.ask('one')).toBe('one');
    await firewall.ask('install');
    expect(await client.ask('two')).toBe('two');
    expect(await dial('tcp', SERVER4[0], 444)).toEqual(redirected(SERVER4[0], 444));
  });

  test('remove takes the table away, also when there is none', async () => {
    expect(await firewall.ask('remove')).toBe('null');
    expect(await firewall.ask('remove')).toBe('null');
    expect(await net.run('client', ['nft', 'list', 'ruleset'])).not.toContain('resolagent');
    expect(await dial('tcp', SERVER4[0], 443)).toEqual({ answer: 'server' });
    await firewall.ask('install');
  });

  test('the check finds a machine that can do it', async () => {
    const items: { name: string; state: string }[] = JSON.parse(await firewall.ask('check'));
    const states = Object.fromEntries(items.map((item) => [item.name, item.state]));
    expect(states).toMatchObject({
      privilege: 'ok',
      nft: 'ok',
      'kernel support': 'ok',
      'connection tracking': 'ok',
    });
  });
});

describe.if(ROOT)('a plan with limits in a real kernel', () => {
  let net: Netns;
  beforeAll(async () => {
    net = await makeNetns();
    expect(await net.spawn('internet', ['python3', program('server.py')]).next()).toBe('ready');
  });
  afterAll(() => net.remove());

  test('without an IPv6 listener IPv6 is refused, and IPv4 goes on', async () => {
    const plan = JSON.stringify({
      ipv6Listener: false,
      skip: ['203.0.113.2/32'],
      ports: [443],
      rejectUdp443: false,
    });
    const firewall = net.spawn('client', [process.execPath, program('firewall.ts'), String(GID), plan]);
    await firewall.next();
    const dial = async (kind: string, address: string, port: number) =>
      JSON.parse(await net.run('client', ['python3', program('dial.py'), kind, address, String(port)]));
    const six = await dial('tcp', SERVER6[0], 443);
    expect(six.errno).toBe('ECONNREFUSED');
    expect(six.seconds).toBeLessThan(1);
    expect((await dial('tcp', SERVER4[0], 443)).answer).toContain('redirected');
    // Skipped address, port that is not intercepted, and QUIC let through.
    expect(await dial('tcp', SERVER4[1], 443)).toEqual({ answer: 'server' });
    expect((await dial('tcp', SERVER4[0], 444)).errno).toBe('ECONNREFUSED');
    expect(await dial('udp', SERVER6[0], 443)).toEqual({ answer: 'server' });
    expect(JSON.parse(await firewall.ask('probe 3000'))).toEqual({ state: 'enforced' });
  });
});

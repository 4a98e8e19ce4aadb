import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LinuxAttributor } from '../../../src/attribute/linux/attributor.ts';
import { SocketFinder } from '../../../src/attribute/linux/socket-finder.ts';
import type { Origin } from '../../../src/model/flow.ts';
import { type LinuxLibc, openLinuxLibc } from '../../../src/system/libc.ts';
import { until } from '../../until.ts';
import { Accepting, Client, openDescriptors } from './clients.ts';

const ROOT = process.platform === 'linux' && process.geteuid?.() === 0;
const PYTHON = Bun.which('python3') ?? '';

describe.if(ROOT && PYTHON !== '')('attribution on Linux', () => {
  let libc: LinuxLibc;
  let accepting: Accepting;
  let attributor: LinuxAttributor;

  beforeAll(() => {
    libc = openLinuxLibc();
  });
  beforeEach(() => {
    accepting = new Accepting(libc);
    attributor = new LinuxAttributor(libc, () => accepting.port);
  });
  afterEach(() => {
    attributor.close();
    accepting.close();
  });

  const start = (what: string, ...more: string[]) =>
    new Client([
      PYTHON,
      join(import.meta.dir, 'programs/client.py'),
      '127.0.0.1',
      String(accepting.port),
      what,
      ...more,
    ]);
  const next = async (timeoutMs = 5_000): Promise<Origin> => {
    const { client, dst } = await accepting.next();
    return attributor.lookup(client, dst, performance.now() + timeoutMs);
  };

  test('this kernel answers for single sockets', () => {
    expect(SocketFinder.isSupported(libc)).toBe(true);
  });

  test('tells the program, its user and its parents', async () => {
    const client = start('plain');
    const origin = await next();
    expect(origin).toMatchObject({
      pid: client.pid,
      uid: 0,
      user: 'root',
      path: realpathSync(pythonOf(client.pid)),
      name: pythonOf(client.pid).split('/').at(-1),
      unknown: null,
      signer: null,
      responsiblePid: null,
    });
    expect(origin.parents[0]).toEqual({
      pid: process.pid as never,
      path: realpathSync(process.execPath),
      name: realpathSync(process.execPath).split('/').at(-1) ?? '',
    });
    expect(origin.parents.length).toBeLessThanOrEqual(16);
    expect(Number(origin.parents.at(-1)?.pid)).toBe(1);
    await client.end();
  });

  test('tells a program that connects to an IPv4 address through an IPv6 socket', async () => {
    const mapped = new Client([
      PYTHON,
      join(import.meta.dir, 'programs/client.py'),
      '::ffff:127.0.0.1',
      String(accepting.port),
      'plain',
    ]);
    expect(await next()).toMatchObject({ pid: mapped.pid, unknown: null });
    await mapped.end();
  });

  test('tells the owner of an IPv6 connection', async () => {
    const six = new Accepting(libc, '::1');
    const own = new LinuxAttributor(libc, () => six.port);
    const client = new Client([
      PYTHON,
      join(import.meta.dir, 'programs/client.py'),
      '::1',
      String(six.port),
      'plain',
    ]);
    const { client: peer, dst } = await six.next();
    expect(await own.lookup(peer, dst, performance.now() + 5_000)).toMatchObject({ pid: client.pid });
    await client.end();
    own.close();
    six.close();
  });

  test('tells the user of a program that gave up root, by name where there is one and by number where not', async () => {
    const nobody = start('user', '65534');
    expect(await next()).toMatchObject({ pid: nobody.pid, uid: 65_534, user: 'nobody' });
    await nobody.end();
    const stranger = start('user', '54321');
    expect(await next()).toMatchObject({ pid: stranger.pid, uid: 54_321, user: null, unknown: null });
    await stranger.end();
  });

  test('answers without a promise for a program that has connected before', async () => {
    const client = start('many');
    const kinds: boolean[] = [];
    for (let i = 0; i < 100; i++) {
      const { client: peer, dst } = await accepting.next();
      const found = attributor.lookup(peer, dst, performance.now() + 5_000);
      kinds.push(found instanceof Promise);
      expect(await found).toMatchObject({ pid: client.pid, unknown: null });
    }
    expect(kinds.slice(1)).not.toContain(true);
    await client.end();
  });

  test('a hundred questions at once share one search', async () => {
    const fresh = new LinuxAttributor(libc, () => accepting.port);
    const client = start('many');
    const ends = [];
    for (let i = 0; i < 100; i++) ends.push(await accepting.next());
    const origins = await Promise.all(
      ends.map((e) => fresh.lookup(e.client, e.dst, performance.now() + 5_000)),
    );
    expect(new Set(origins.map((origin) => origin.pid))).toEqual(new Set([client.pid as never]));
    fresh.close();
    await client.end();
  });

  test('a socket that was closed with bytes to send is gone, and its user is still known', async () => {
    const client = start('unsent');
    await client.line();
    await client.line();
    expect(await next()).toMatchObject({ pid: null, uid: 0, user: 'root', unknown: 'socket_gone' });
    await client.end();
  });

  test('a socket that was closed cleanly is gone, and its user is not made up', async () => {
    const client = start('closed');
    await client.line();
    await client.line();
    const origin = await next();
    expect(origin).toMatchObject({ pid: null, unknown: 'socket_gone' });
    // The kernel keeps either the socket for a while, or a record without a user.
    expect<(number | null)[]>([null, 65_534]).toContain(origin.uid);
    await client.end();
  });

  test('a connection that never was is gone, with no user', async () => {
    const { client: peer, dst } = { client: accepting.local(1), dst: accepting.local(2) };
    const origin = await attributor.lookup(peer, dst, performance.now() + 5_000);
    expect(origin).toMatchObject({ uid: null, user: null, unknown: 'socket_gone' });
  });

  test('a socket that a child inherited belongs to the child when the parent has closed it', async () => {
    const client = start('inherited');
    await client.line();
    const [, child = 0] = await client.line();
    const origin = await next();
    expect(origin).toMatchObject({ pid: child, unknown: null });
    expect(Number(origin.parents[0]?.pid)).toBe(client.pid);
    await client.end();
  });

  test("a socket on its way between processes is nobody's, and its user is known", async () => {
    const client = start('flight');
    await client.line();
    await client.line();
    expect(await next()).toMatchObject({ pid: null, uid: 0, user: 'root', unknown: 'no_process' });
    await client.end();
  });

  test('a second look finds a socket that has arrived meanwhile', async () => {
    const client = start('flight');
    await client.line();
    await client.line();
    const { client: peer, dst } = await accepting.next();
    const look = () => attributor.lookup(peer, dst, performance.now() + 5_000);
    expect(await look()).toMatchObject({ path: null, unknown: 'no_process' });
    client.say('take it');
    await client.line();
    expect(await look()).toMatchObject({ pid: client.pid, unknown: null });
    await client.end();
  });

  test('a thread cannot hide a socket by keeping its descriptors to itself', async () => {
    const client = start('thread');
    expect(await next()).toMatchObject({ pid: client.pid, unknown: null });
    await client.end();
  });

  test('a program whose main thread has ended is read through a thread that lives', async () => {
    const whole = start('plain');
    const { path } = await next();
    const client = start('headless');
    const [, pid = 0] = await client.line();
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    expect(path).toStartWith('/');
    expect(await next()).toMatchObject({ pid, path, unknown: null });
    await client.end();
    await whole.end();
  });

  test('a program that becomes another is called by its new name', async () => {
    const client = start('exec');
    expect(await next()).toMatchObject({ pid: client.pid, path: realpathSync(pythonOf(client.pid)) });
    client.say('go');
    const origin = await next();
    expect(origin).toMatchObject({ pid: client.pid, path: realpathSync('/bin/bash'), name: 'bash' });
    await client.end();
  });

  test('the search ends at its deadline', async () => {
    const client = start('flight');
    await client.line();
    await client.line();
    expect(await next(0)).toMatchObject({ uid: 0, unknown: 'timed_out' });
    await client.end();
  });

  test('what is still searched for when it closes is answered, and no descriptor stays open', async () => {
    const before = openDescriptors();
    const fresh = new LinuxAttributor(libc, () => accepting.port);
    const client = start('flight');
    await client.line();
    await client.line();
    const { client: peer, dst } = await accepting.next();
    const found = fresh.lookup(peer, dst, performance.now() + 60_000);
    fresh.close();
    expect(await found).toMatchObject({ unknown: 'timed_out' });
    await client.end();
    accepting.forget();
    await until('no descriptor stays open', 10_000, () => openDescriptors() <= before);
  });

  describe('where the executable lies', () => {
    let dir = '';
    beforeAll(() => {
      dir = realpathSync(mkdtempSync('/var/tmp/ran-exe-'));
      for (const name of ['genuine', 'evil']) copyFileSync('/bin/bash', join(dir, name));
    });
    afterAll(() => rmSync(dir, { recursive: true }));

    const dial = (then: string): string =>
      `exec 4<>/dev/tcp/127.0.0.1/${accepting.port}; ${then}; echo 0 $$; read -r`;

    test('a deleted one is called by the path it was started from', async () => {
      copyFileSync('/bin/bash', join(dir, 'doomed'));
      const client = new Client([join(dir, 'doomed'), '-c', dial(`/bin/rm ${join(dir, 'doomed')}`)]);
      await client.line();
      expect(await next()).toMatchObject({ pid: client.pid, path: join(dir, 'doomed'), name: 'doomed' });
      await client.end();
    });

    test('one in another mount namespace is believed when it is the file that we have there', async () => {
      const client = new Client(['unshare', '-m', join(dir, 'genuine'), '-c', dial(':')]);
      await client.line();
      expect(await next()).toMatchObject({ path: join(dir, 'genuine'), name: 'genuine' });
      await client.end();
    });

    test('one that was mounted over another is not taken for it', async () => {
      const script = `mount --bind ${join(dir, 'evil')} ${join(dir, 'genuine')} && exec ${join(dir, 'genuine')} -c '${dial(':')}'`;
      const client = new Client(['unshare', '-m', 'sh', '-c', script]);
      const [, pid = 0] = await client.line();
      expect(await next()).toMatchObject({ pid, path: `/proc/${pid}/root${join(dir, 'genuine')}` });
      await client.end();
    });
  });
});

function pythonOf(pid: number): string {
  return realpathSync(`/proc/${pid}/exe`);
}

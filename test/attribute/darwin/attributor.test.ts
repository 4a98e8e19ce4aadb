import { expect, test } from 'bun:test';
import { DarwinAttributor } from '../../../src/attribute/darwin/attributor.ts';
import { PcbTable } from '../../../src/attribute/darwin/pcb-table.ts';
import { DarwinUsers } from '../../../src/attribute/darwin/users.ts';
import type { Uid } from '../../../src/model/brand.ts';
import type { Origin } from '../../../src/model/flow.ts';
import { at } from './bytes.ts';
import { FakeMac, type FakeProcess } from './fake.ts';

const CLIENT = at('192.168.1.5', 50_123);
const SERVER = at('203.0.113.7', 443);
const NEVER_MS = 1_000_000;

const LAUNCHD: FakeProcess = {
  pid: 1,
  ppid: 0,
  uid: 0,
  path: '/sbin/launchd',
  name: 'launchd',
  uniqueId: 1n,
};
const TERMINAL: FakeProcess = {
  pid: 400,
  ppid: 1,
  uid: 501,
  path: '/System/Applications/Utilities/Terminal.app/Contents/MacOS/Terminal',
  name: 'Terminal',
  uniqueId: 40n,
};
const SHELL: FakeProcess = { pid: 640, ppid: 400, uid: 501, path: '/bin/zsh', name: 'zsh', uniqueId: 64n };
const CURL: FakeProcess = {
  pid: 901,
  ppid: 640,
  uid: 501,
  path: '/usr/bin/curl',
  name: 'curl',
  uniqueId: 90n,
  codeFlags: 0x4000000,
  identity: 'com.apple.curl',
  responsible: 400,
};

function mac(...more: FakeProcess[]): FakeMac {
  const fake = new FakeMac();
  for (const process of [LAUNCHD, TERMINAL, SHELL, CURL, ...more]) fake.add(process);
  fake.sockets = [{ local: CLIENT, remote: SERVER, uid: 501, lastPid: 901 }];
  return fake;
}

function attributor(
  fake: FakeMac,
  ask = async (uid: Uid): Promise<string | null> => (uid === 501 ? 'alice' : null),
) {
  let clock = 0;
  const now = (): number => (clock += 0.1);
  return new DarwinAttributor(fake, new PcbTable(() => fake.tcpSockets(), now), new DarwinUsers(ask), now);
}

const lookup = async (fake: FakeMac): Promise<Origin> => attributor(fake).lookup(CLIENT, SERVER, NEVER_MS);

test('tells the program, its user, its signer, its parents and the app behind it', async () => {
  expect(await lookup(mac())).toEqual({
    pid: 901,
    path: '/usr/bin/curl',
    name: 'curl',
    uid: 501,
    user: 'alice',
    parents: [
      { pid: 640, path: '/bin/zsh', name: 'zsh' },
      { pid: 400, path: TERMINAL.path, name: 'Terminal' },
      { pid: 1, path: '/sbin/launchd', name: 'launchd' },
    ],
    signer: 'apple/com.apple.curl',
    responsiblePid: 400,
    unknown: null,
  } as never);
});

test('answers at once, with no promise, when the user is known', async () => {
  const it = attributor(mac());
  await it.lookup(CLIENT, SERVER, NEVER_MS);
  expect(it.lookup(CLIENT, SERVER, NEVER_MS)).toMatchObject({ pid: 901, user: 'alice' } as never);
});

test('names the program on whose behalf a helper opened the connection', async () => {
  const fake = mac();
  fake.sockets = [{ local: CLIENT, remote: SERVER, lastPid: 640, effectivePid: 901 }];
  expect(await lookup(fake)).toMatchObject({ pid: 901, name: 'curl' } as never);
});

test('takes the connection with the dialled server when a port is shared', async () => {
  const fake = mac();
  fake.sockets = [
    { local: CLIENT, remote: at('198.51.100.9', 443), lastPid: 640 },
    { local: CLIENT, remote: SERVER, lastPid: 901 },
  ];
  expect(await lookup(fake)).toMatchObject({ pid: 901 } as never);
});

test('has no responsible pid when a process answers for itself', async () => {
  const fake = mac({ ...CURL, responsible: 901 });
  expect(await lookup(fake)).toMatchObject({ responsiblePid: null });
});

test('finds a socket that appears in a later list', async () => {
  const fake = mac();
  const sockets = fake.sockets;
  fake.sockets = [];
  const found = attributor(fake).lookup(CLIENT, SERVER, NEVER_MS);
  fake.sockets = sockets;
  expect(await found).toMatchObject({ pid: 901, unknown: null } as never);
  expect(fake.listsTaken).toBe(2);
});

test('gives up on a socket that is in none of three lists', async () => {
  const fake = mac();
  fake.sockets = [];
  expect(await lookup(fake)).toMatchObject({ pid: null, unknown: 'socket_gone' });
  expect(fake.listsTaken).toBe(3);
});

test('does not search past its deadline', async () => {
  const fake = mac();
  fake.sockets = [];
  expect(await attributor(fake).lookup(CLIENT, SERVER, 0)).toMatchObject({ unknown: 'timed_out' });
  expect(fake.listsTaken).toBe(1);
});

test('does not wait for the name of a user past its deadline', async () => {
  const it = attributor(mac(), () => new Promise(() => {}));
  expect(await it.lookup(CLIENT, SERVER, 1)).toMatchObject({ pid: 901, uid: 501, user: null } as never);
});

test.each([
  ['the list is refused', { sockets: null }, { pid: null, unknown: 'not_permitted' }],
  ['the layout of the list is unknown', { cutListAt: 30 }, { pid: null, unknown: 'not_supported' }],
  [
    'the process has ended',
    { sockets: [{ local: CLIENT, remote: SERVER, uid: 501, lastPid: 77 }] },
    { pid: 77, path: null, uid: 501, user: 'alice', unknown: 'no_process' },
  ],
  [
    'the kernel owns the socket',
    { sockets: [{ local: CLIENT, remote: SERVER, uid: 0, lastPid: 0 }] },
    { pid: null, uid: 0, unknown: 'no_process' },
  ],
] as [string, Partial<FakeMac>, object][])('says why when %s', async (_when, change, expected) => {
  expect(await lookup(Object.assign(mac(), change))).toMatchObject(expected);
});

test('does not describe the process that got the pid while we looked', async () => {
  const fake = mac();
  fake.afterCall = (call) => {
    if (call === 'path') fake.add({ ...CURL, path: '/usr/bin/innocent', uniqueId: 91n });
  };
  const origin = await lookup(fake);
  expect(origin).toMatchObject({ pid: null, path: null, unknown: 'pid_reused' });
});

test('says that the process ended when it ends while we look', async () => {
  const fake = mac();
  fake.afterCall = (call) => {
    if (call === 'responsible') fake.processes.delete(901);
  };
  expect(await lookup(fake)).toMatchObject({ pid: 901, path: null, unknown: 'no_process' } as never);
});

test('describes the new program when a process replaces its own while we look', async () => {
  const fake = mac();
  let replaced = false;
  fake.afterCall = (call) => {
    if (call !== 'responsible' || replaced) return;
    replaced = true;
    fake.add({ ...CURL, path: '/opt/local/bin/wget', idVersion: 2 });
  };
  expect(await lookup(fake)).toMatchObject({ pid: 901, name: 'wget', unknown: null } as never);
});

test('gives up on a process that keeps replacing its program', async () => {
  const fake = mac();
  let version = 1;
  fake.afterCall = (call) => {
    if (call === 'responsible') fake.add({ ...CURL, idVersion: ++version });
  };
  expect(await lookup(fake)).toMatchObject({ pid: null, unknown: 'pid_reused' });
});

test('asks little about a process that it described before', async () => {
  const fake = mac();
  const it = attributor(fake);
  await it.lookup(CLIENT, SERVER, NEVER_MS);
  fake.calls = 0;
  await it.lookup(CLIENT, SERVER, NEVER_MS);
  expect(fake.calls).toBe(3);
});

test('sees a new user and a new parent of a process that it described before', async () => {
  const fake = mac();
  const it = attributor(fake);
  await it.lookup(CLIENT, SERVER, NEVER_MS);
  fake.add({ ...CURL, ppid: 1, uid: 502 });
  expect(await it.lookup(CLIENT, SERVER, NEVER_MS)).toMatchObject({
    uid: 502,
    user: null,
    parents: [{ pid: 1 }],
  } as never);
});

test.each([
  ['a process that is its own parent', [{ ...SHELL, ppid: 640 }], 16],
  [
    'a long line of parents',
    Array.from({ length: 30 }, (_, i) => ({ ...SHELL, pid: 640 + i, ppid: 641 + i })),
    16,
  ],
  ['a parent that has ended', [{ ...SHELL, ppid: 99_999 }], 2],
])('ends the parents at %s', async (_what, processes, count) => {
  expect((await lookup(mac(...processes))).parents).toHaveLength(count);
});

test('names a process without a file by what the kernel calls it', async () => {
  expect(await lookup(mac({ ...CURL, path: null }))).toMatchObject({ path: null, name: 'curl' });
});

test('closes the calls it was given', () => {
  const fake = mac();
  attributor(fake).close();
  expect(fake.closed).toBe(true);
});

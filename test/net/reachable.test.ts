import { expect, test } from 'bun:test';
import { reachable, reachableInTime } from '../../src/net/reachable.ts';

test('refuses a name that leads to this machine, and takes it when private addresses are allowed', async () => {
  expect((await reachable('localhost', { allowPrivate: false })).kind).toBe('refused');
  expect((await reachable('localhost', { allowPrivate: true })).kind).toBe('ok');
  expect(await reachable('[::1]', { allowPrivate: false })).toEqual({
    kind: 'refused',
    why: '::1 leads to ::1, which is not on the internet',
  });
});

test.each(['0x7f000001', '2130706433', '0177.0.0.1', '127.1'])(
  'refuses %s, which the system reads as this machine',
  async (spelling) => {
    expect(await reachable(spelling, { allowPrivate: false })).toMatchObject({ kind: 'refused' });
  },
);

test('of a name with several addresses only those on the internet are connected to', async () => {
  const mixed = async () => ['10.0.0.1', '203.0.113.7', '::ffff:127.0.0.1', '2001:db8::7', 'nonsense'];
  expect(await reachable('mixed.test', { allowPrivate: false, resolve: mixed })).toEqual({
    kind: 'ok',
    addresses: ['203.0.113.7', '2001:db8::7'],
  });
});

test('an address is not looked up', async () => {
  const never = async () => expect.unreachable('looked up');
  expect(await reachable('203.0.113.7', { allowPrivate: false, resolve: never })).toEqual({
    kind: 'ok',
    addresses: ['203.0.113.7'],
  });
  expect(await reachable('[2001:db8::7]', { allowPrivate: false, resolve: never })).toEqual({
    kind: 'ok',
    addresses: ['2001:db8::7'],
  });
});

test('a name without an address, and one whose name server fails, are told', async () => {
  const fails = async () => Promise.reject(new Error('ENOTFOUND'));
  expect(await reachable('gone.test', { allowPrivate: false, resolve: fails })).toEqual({
    kind: 'failed',
    why: 'gone.test has no address',
  });
  expect(await reachable('empty.test', { allowPrivate: false, resolve: async () => [] })).toMatchObject({
    kind: 'refused',
  });
});

test('a listed name is not resolved, and one listed address of several refuses them all', async () => {
  const asked: string[] = [];
  const how = {
    allowPrivate: false,
    resolve: async (name: string) => {
      asked.push(name);
      return ['203.0.113.7', '203.0.113.9'];
    },
    blocked: (host: string | null, ip: string | null) =>
      host === 'bad.test' || ip === '203.0.113.9' ? 'the list' : null,
  };
  expect(await reachable('BAD.test.', how)).toEqual({ kind: 'listed', why: 'is on the list' });
  expect(asked).toEqual([]);
  expect(await reachable('other.test', how)).toEqual({
    kind: 'listed',
    why: 'leads to 203.0.113.9, which is on the list',
  });
});

test('of a name that is never resolved the signal makes an end', async () => {
  const end = new AbortController();
  const resolve = () => {
    end.abort();
    return new Promise<never>(() => {});
  };
  expect(await reachableInTime('slow.test', { allowPrivate: false, resolve }, end.signal)).toEqual({
    kind: 'failed',
    why: 'slow.test was not resolved in time',
  });
});

import { expect, test } from 'bun:test';
import { isInternetAddress, reachable } from '../../src/net/address-guard.ts';

test.each(['8.8.8.8', '1.1.1.1', '2606:4700::1111', '64:ff9b::808:808', '2002:808:808::1'])(
  '%s is on the internet',
  (address) => {
    expect(isInternetAddress(address)).toBe(true);
  },
);

test.each([
  '127.0.0.1',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '240.0.0.1',
  '::1',
  '::',
  'fe80::1',
  'fc00::1',
  'ff02::1',
  '::ffff:127.0.0.1',
  '::ffff:a00:1',
  '64:ff9b::a00:1',
  '2002:a00:1::1',
  '2002:7f00:1::',
  'nonsense',
  '',
])('%s is not', (address) => {
  expect(isInternetAddress(address)).toBe(false);
});

test('refuses a name that leads to this machine, and takes it when private addresses are allowed', async () => {
  expect((await reachable('localhost', false)).kind).toBe('refused');
  expect((await reachable('localhost', true)).kind).toBe('ok');
  expect(await reachable('[::1]', false)).toEqual({
    kind: 'refused',
    why: '::1 leads to ::1, which is not on the internet',
  });
});

import { expect, test } from 'bun:test';
import type { Ip } from '../../src/model/brand.ts';
import { OWN_RESERVE, Pressure } from '../../src/proxy/pressure.ts';
import { ConnectSocket } from '../../src/system/connect-socket.ts';
import { openLinuxLibc } from '../../src/system/libc.ts';

test('no connection is taken with one of the last descriptors, however few flows there are', () => {
  const pressure = new Pressure(300, null);
  expect(pressure.full(1, 299 - OWN_RESERVE)).toBe(false);
  expect(pressure.full(1, 300 - OWN_RESERVE)).toBe(true);
  expect(pressure.full(150, 10)).toBe(true);
  expect(new Pressure(null, null).full(1_000_000, 1_000_000)).toBe(false);
});

test.if(process.platform === 'linux')('an attempt to connect takes none of the last descriptors', () => {
  const sockets = new ConnectSocket(openLinuxLibc(), 0.5);
  sockets.keepFree(3);
  expect(sockets.start('127.0.0.1' as Ip, 9)).toBe('EMFILE');
});
